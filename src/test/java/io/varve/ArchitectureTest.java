package io.varve;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds the picture in docs/ARCHITECTURE.md: arrows go down, never up, never sideways. */
class ArchitectureTest {

    private static final Path SOURCES = Path.of("src/main/java");
    private static final int LONGEST_FILE_LINES = 400;

    private static final JavaClasses OURS =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.varve");

    @ParameterizedTest(name = "{0} may use {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "volume     |",
                "blob       |",
                "format     |",
                "repository | format blob",
                "cbt        | volume",
                "kube       | cbt volume",
                "mover      | repository format blob cbt volume",
                "catalog    | repository format blob volume",
                "job        | kube mover catalog repository format blob cbt volume",
                "cli        | job kube mover catalog repository format blob cbt volume",
                "app        | cli job kube mover catalog repository format blob cbt volume",
            })
    void aLayerUsesOnlyTheLayersBelowIt(String layer, String below) {
        List<String> allowed = new ArrayList<>(List.of("io.varve." + layer + ".."));
        if (below != null) {
            Stream.of(below.split(" "))
                    .map(name -> "io.varve." + name + "..")
                    .forEach(allowed::add);
        }
        DescribedPredicate<JavaClass> forbidden =
                resideInAPackage("io.varve..")
                        .and(
                                DescribedPredicate.not(
                                        resideInAnyPackage(allowed.toArray(String[]::new))));
        noClasses()
                .that()
                .resideInAPackage("io.varve." + layer + "..")
                .should()
                .dependOnClassesThat(forbidden)
                .check(OURS);
    }

    @Test
    void thereIsNoLayerThatTheTableLeavesOut() {
        classes()
                .should()
                .resideInAnyPackage(
                        Stream.of(
                                        "volume blob format repository cbt kube mover catalog job cli app"
                                                .split(" "))
                                .map(layer -> "io.varve." + layer + "..")
                                .toArray(String[]::new))
                .check(OURS);
    }

    @ParameterizedTest(name = "{0} is used only in {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "org.springframework..           | app cli job catalog",
                "picocli..                       | cli app",
                "me.tongfei..                    | cli",
                "org.roaringbitmap..             | volume",
                "org.bouncycastle..              | format",
                "com.github.luben..              | format.compress",
                "software.amazon..               | blob.s3",
                "com.google.api..                | blob.google",
                "com.google.auth..               | blob.google",
                "org.apache.hc..                 | blob.google",
                "com.azure..                     | blob.azure",
                "com.microsoft.aad..             | blob.azure",
                "reactor..                       | blob.azure",
                "ch.qos.logback..                | app",
                "org.apache.commons.compress..   | format.compress",
                "com.zaxxer..                    | app",
                "org.flywaydb..                  | app",
                "org.yaml..                      | app job.definition",
                "com.networknt..                 | job.definition",
                "org.h2..                        | app",
                "io.micrometer..                 | app job",
                "io.fabric8..                    | kube",
                "io.grpc..                       | cbt.csi",
                "com.google.protobuf..           | cbt.csi",
            })
    void aThirdPartyHasOneHome(String library, String homes) {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        Stream.of(homes.split(" "))
                                .map(home -> "io.varve." + home + "..")
                                .toArray(String[]::new))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .check(OURS);
    }

    @Test
    void packagesAreFreeOfCycles() {
        slices().matching("io.varve.(*)..").should().beFreeOfCycles().check(OURS);
    }

    @Test
    void nothingIsInjectedIntoFields() {
        noFields()
                .should()
                .beAnnotatedWith("org.springframework.beans.factory.annotation.Autowired")
                .check(OURS);
    }

    @Test
    void nothingIsFoundByScanning() {
        noClasses()
                .should()
                .beAnnotatedWith("org.springframework.stereotype.Component")
                .orShould()
                .beMetaAnnotatedWith("org.springframework.context.annotation.ComponentScan")
                .check(OURS);
    }

    @Test
    void everyPackageSaysWhatItIsAndIsNullMarked() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            List<Path> packages =
                    files.filter(file -> file.toString().endsWith(".java"))
                            .map(Path::getParent)
                            .distinct()
                            .toList();
            assertThat(packages).isNotEmpty();
            for (Path folder : packages) {
                assertThat(folder.resolve("package-info.java"))
                        .content()
                        .startsWith("/**")
                        .contains("@NullMarked");
            }
        }
    }

    @Test
    void noFileIsLong() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
                assertThat(Files.readAllLines(file))
                        .as(file.toString())
                        .hasSizeLessThanOrEqualTo(LONGEST_FILE_LINES);
            }
        }
    }
}
