package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.app.VarveInProcess.Result;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user is told who asks for help, or for what is not there. */
class UsageTest {

    @TempDir private Path folder;
    private VarveInProcess varve;

    @BeforeEach
    void chooseFolder() {
        varve = new VarveInProcess(folder);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "backup",
                "bogus",
                "maintenance run",
                "definition validate x",
                "job stop 1",
                "job stop",
                "job abandon",
                "job prune",
                "job prune --keep-days -1",
                "job list --database jdbc:postgresql://h/d?password=x",
                "backup run --pvc a/b",
                "backup run",
                "backup run --device x --type sometimes",
                "backup run --device x --cbt magic",
                "backup list -o xml",
                "backup delete",
                "restore run x",
                "restore run x --to-device a --to-directory b",
                "restore run x --to-directory b --in-place full",
                "restore run x --to-device b --in-place some",
                "verify run --read-data 101",
                "verify run --read-data much",
                "repository create --hash MD5",
                "repository create --encryption ROT13",
                "repository create --compression best",
                "repository create --splitter FIXED-3M",
                "backup run --password secret --device x",
            })
    void wrongUsageIs2AndPrintsNothingToStandardOutput(String command) {
        Result result = varve.run(command.isEmpty() ? new String[0] : command.split(" "));
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "--volume-id a, --volume-id is for --device",
        "--parent 6ad1c5f0e3b2479c8d21a0b94f7e6c35, say which by --pvc NAMESPACE/NAME",
    })
    void whatWouldNotCountForClaimsIsRefused(String options, String words) {
        Result result = varve.run(("backup run x.yaml " + options).split(" "));
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains(words);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "repository create --help",
                "repository status --help",
                "backup run --help",
                "backup list --help",
                "backup show --help",
                "backup delete --help",
                "restore run --help",
                "verify run --help",
                "job list --help",
                "job show --help",
                "job resume --help",
                "demo --help",
            })
    void helpHasExamples(String command) {
        Result result = varve.run(command.split(" "));
        assertThat(result.code()).isZero();
        assertThat(result.out()).contains("Examples:\n  varve ").contains("Exit codes:");
    }

    @Test
    void versionAndCompletionArePrinted() {
        assertThat(varve.run("--version").out()).startsWith("varve ");
        assertThat(varve.run("generate-completion").out()).contains("_complete_varve");
    }

    /** A tree is made of the first word's command alone; the whole one is made here, by a flag. */
    @Test
    void aCommandByItselfIsAsInTheWholeTree() {
        List<String> names =
                varve.run("--help")
                        .out()
                        .lines()
                        .dropWhile(line -> !line.equals("Commands:"))
                        .skip(1)
                        .takeWhile(line -> !line.isEmpty())
                        .filter(line -> line.matches(" {2}[a-z].*"))
                        .map(line -> line.strip().split(" ")[0])
                        .toList();
        assertThat(names).contains("backup", "demo", "benchmark").hasSizeGreaterThan(10);
        for (String name : names) {
            Result whole = varve.run("--quiet", name, "--help");
            assertThat(varve.run(name, "--help").out()).isNotEmpty().isEqualTo(whole.out());
        }
    }
}
