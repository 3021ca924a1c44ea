/**
 * The contract of a compression codec, as tests that any codec extends.
 *
 * <p>All of it in one class:
 *
 * <pre>{@code
 * class SnappyContractTest extends CompressionCodecContract {
 *   @Override
 *   public CompressionCodecProvider provider() {
 *     return new SnappyCodecProvider();
 *   }
 * }
 * }</pre>
 *
 * <p>Each topic is a class of its own as well, for those who run them apart. No test is to be
 * overridden in order to opt out: a codec whose frames have no checksum says so in {@link
 * io.ringkernel.checkpoint.tck.codec.CodecUnderTest}. There a codec that pools memory also reports
 * it to the leak check, which runs after every test.
 *
 * <p>A codec that needs a native library passes {@link
 * io.ringkernel.checkpoint.tck.codec.NativeCodecContract} as well.
 *
 * <p>What the contract can't know is the stored form itself. {@link
 * io.ringkernel.checkpoint.tck.codec.CommandLineTool} runs an algorithm's official tool to check
 * that, {@link io.ringkernel.checkpoint.tck.codec.ModulePath} finds a provider on the module path,
 * which a test suite on the class path can't see, and {@link
 * io.ringkernel.checkpoint.tck.codec.ChildJvm} runs what a JVM can try only once.
 */
@NullMarked
package io.ringkernel.checkpoint.tck.codec;

import org.jspecify.annotations.NullMarked;
