package io.varve.job;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.JobInstance;
import org.springframework.batch.core.job.JobInterruptedException;
import org.springframework.batch.core.job.parameters.JobParameters;
import org.springframework.batch.core.step.StepExecution;

class RunFailureTest {

    private final JobExecution execution =
            new JobExecution(1, new JobInstance(1, "job"), new JobParameters());

    /** Whichever of them ended first: Batch gives them in no order. */
    @Test
    void aRangeThatWasEndedForTheSakeOfAnotherDoesNotHideWhyThatFailed() {
        StepExecution echo = ended(1, BatchStatus.STOPPED);
        echo.addFailureException(new JobInterruptedException("JobExecution interrupted."));
        StepExecution failed = ended(2, BatchStatus.FAILED);
        failed.addFailureException(
                new IllegalStateException("wrapped", new IOException("input/output error")));

        assertThatThrownBy(() -> RunFailure.check(List.of(echo, failed)))
                .isInstanceOf(IOException.class)
                .hasMessage("input/output error");
        assertThatThrownBy(() -> RunFailure.check(List.of(failed, echo)))
                .hasMessage("input/output error");
    }

    @Test
    void aStepThatSaysNothingIsNamed() {
        assertThatThrownBy(
                        () ->
                                RunFailure.check(
                                        List.of(
                                                ended(1, BatchStatus.COMPLETED),
                                                ended(2, BatchStatus.UNKNOWN))))
                .hasMessage("step range2 ended UNKNOWN");
    }

    @Test
    void stepsThatCompletedPass() {
        assertThatCode(() -> RunFailure.check(List.of(ended(1, BatchStatus.COMPLETED))))
                .doesNotThrowAnyException();
    }

    private StepExecution ended(long id, BatchStatus status) {
        StepExecution step = new StepExecution(id, "range" + id, execution);
        step.setStatus(status);
        return step;
    }
}
