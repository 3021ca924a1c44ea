package io.ringkernel.checkpoint.gpu.cuda;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

/** The adapter knows the api alone; only its tests save to stores. */
class DirectionTest {
  @Test
  void seesNeitherStorageNorFormatNorEngine() {
    // Only main code: tests are in the same package, in a folder of their own.
    var adapter =
        new ClassFileImporter()
            .importUrl(CudaMemory.class.getProtectionDomain().getCodeSource().getLocation());

    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.ringkernel.checkpoint.storage..",
            "io.ringkernel.checkpoint.format..",
            "io.ringkernel.checkpoint.compression..",
            "io.ringkernel.checkpoint.core..")
        .check(adapter);
  }
}
