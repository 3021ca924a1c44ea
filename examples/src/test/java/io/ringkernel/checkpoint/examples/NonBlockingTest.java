package io.ringkernel.checkpoint.examples;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.ringkernel.checkpoint.DetachedThreads;
import io.ringkernel.checkpoint.storage.blocking.IoThreads;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The library never waits for its own asynchronous results; only a program at its edge may. */
class NonBlockingTest {
  private final JavaClasses library =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.ringkernel.checkpoint");

  @Test
  void makesThreadsInOnePlaceAlone() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "io.ringkernel.checkpoint.examples..", "io.ringkernel.checkpoint.tck..")
        .and()
        .doNotBelongToAnyOf(DetachedThreads.class, IoThreads.class)
        .should()
        .callMethodWhere(
            describe("makes a scheduler of new threads", NonBlockingTest::makesThreads))
        .orShould()
        .callConstructorWhere(
            describe("makes a thread", call -> call.getTargetOwner().isEquivalentTo(Thread.class)))
        .check(library);
  }

  private static boolean makesThreads(JavaMethodCall call) {
    return call.getTargetOwner().isEquivalentTo(Schedulers.class)
        && call.getTarget().getName().startsWith("new");
  }

  @Test
  void blocksOnNoPublisherOutsideThePrograms() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "io.ringkernel.checkpoint.examples..", "io.ringkernel.checkpoint.tck..")
        .should()
        .callMethodWhere(describe("blocks on a publisher", NonBlockingTest::blocks))
        .check(library);
  }

  private static boolean blocks(JavaMethodCall call) {
    var owner = call.getTargetOwner();
    var name = call.getTarget().getName();
    return (owner.isEquivalentTo(Mono.class) || owner.isEquivalentTo(Flux.class))
        && (name.startsWith("block") || name.equals("toIterable") || name.equals("toStream"));
  }
}
