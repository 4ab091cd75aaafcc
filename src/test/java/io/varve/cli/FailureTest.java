package io.varve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.blob.BlobStorageException;
import io.varve.repository.content.NoRepositoryException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.springframework.batch.core.step.FatalStepExecutionException;
import org.springframework.dao.DataAccessResourceFailureException;

class FailureTest {

    @Test
    void whatBatchWrapsDecides() {
        Failure failure =
                Failure.of(
                        new FatalStepExecutionException(
                                "Unable to process chunk",
                                new UncheckedIOException(new NoRepositoryException("file:///x"))));
        assertThat(failure.code()).isEqualTo(ExitCode.NO_REPOSITORY);
        assertThat(failure.message()).startsWith("no repository at file:///x");
        assertThat(failure.defect()).isFalse();
    }

    @Test
    void aFullStorageIsAFailureThatSaysWhatHelps() {
        Failure failure =
                Failure.of(
                        new BlobStorageException.Full(
                                "put blob p1", "file:///x", new IOException("no space")));
        assertThat(failure.code()).isEqualTo(ExitCode.FAILED);
        assertThat(failure.message()).contains("run again");
    }

    @Test
    void aFailedDatabaseSaysWhyAndThatARelaunchHelps() {
        Failure failure =
                Failure.of(
                        new DataAccessResourceFailureException(
                                "SELECT",
                                new SQLException(
                                        "The database has been closed",
                                        new IOException("No space left on device"))));
        assertThat(failure.code()).isEqualTo(ExitCode.FAILED);
        assertThat(failure.message())
                .contains("database of the jobs")
                .contains("The database has been closed: No space left on device;")
                .contains("run the same command again");
    }

    @Test
    void aMessageIsNeverOnlyAPath() {
        assertThat(Failure.of(new NoSuchFileException("/x/y")).message())
                .isEqualTo("no such file: /x/y");
    }

    @Test
    void aDefectNamesItselfAndTheWayToItsTrace() {
        Failure failure = Failure.of(new IllegalStateException("impossible"));
        assertThat(failure.defect()).isTrue();
        assertThat(failure.code()).isEqualTo(ExitCode.FAILED);
        assertThat(failure.message())
                .contains("IllegalStateException: impossible")
                .contains("VARVE_TRACE=1");
    }

    @Test
    void aCircleOfCausesEnds() {
        IllegalStateException first = new IllegalStateException("a");
        first.initCause(new IllegalStateException("b", first));
        assertThat(Failure.of(first).defect()).isTrue();
    }
}
