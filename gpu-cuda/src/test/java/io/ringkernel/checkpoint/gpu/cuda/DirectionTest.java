package io.ringkernel.checkpoint.gpu.cuda;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameStartingWith;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Schedulers;

/** The adapter knows the api alone; only its tests save to stores. */
class DirectionTest {
  /** Only main code: tests are in the same package, in a folder of their own. */
  private final JavaClasses adapter =
      new ClassFileImporter()
          .importUrl(CudaMemory.class.getProtectionDomain().getCodeSource().getLocation());

  @Test
  void makesNoThreadItself() {
    noClasses()
        .should()
        .callMethodWhere(target(owner(type(Schedulers.class))).and(target(nameStartingWith("new"))))
        .orShould()
        .callConstructorWhere(target(owner(type(Thread.class))))
        .check(adapter);
  }

  @Test
  void seesNeitherStorageNorFormatNorEngine() {
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
