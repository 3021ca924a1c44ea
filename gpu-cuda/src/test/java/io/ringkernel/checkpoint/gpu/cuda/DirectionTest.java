package io.ringkernel.checkpoint.gpu.cuda;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The adapter knows the api alone; only its tests save to stores. */
class DirectionTest {
  @Test
  void seesNeitherStorageNorFormatNorEngine() {
    var adapter =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.ringkernel.checkpoint.gpu.cuda");

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
