package io.varve.cli;

import io.varve.blob.BlobStorageException;
import io.varve.cbt.csi.TrackingException;
import io.varve.cbt.ranges.InvalidRangesException;
import io.varve.format.CorruptFormatException;
import io.varve.format.UnsupportedFormatException;
import io.varve.format.hash.WrongHashException;
import io.varve.job.DatabaseInUseException;
import io.varve.job.JobUsageException;
import io.varve.job.LeaseLostException;
import io.varve.job.MoverFailedException;
import io.varve.job.RunBusyException;
import io.varve.kube.api.ClusterUsageException;
import io.varve.mover.block.EmptyVolumeException;
import io.varve.mover.block.StoppedException;
import io.varve.mover.files.TargetNotEmptyException;
import io.varve.repository.RepositoryExistsException;
import io.varve.repository.UnknownBackupException;
import io.varve.repository.content.DamageException;
import io.varve.repository.content.NoRepositoryException;
import io.varve.repository.content.ReadOnlyRepositoryException;
import io.varve.repository.content.WrongPasswordException;
import io.varve.volume.NotVolumeException;
import io.varve.volume.TargetRefusedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Why a command failed: the exit code and the one message.
 *
 * @param defect whether no cause is one that a program should expect of the world
 */
public record Failure(ExitCode code, String message, boolean defect) {

    /** A chain of causes that is longer than this is a circle. */
    private static final int MAX_CAUSES = 32;

    /**
     * Reads a failure. The jobs' machinery wraps what its steps throw, so that the outermost cause
     * that is known decides; without one, the outermost cause that tells of the world outside does.
     */
    public static Failure of(Throwable thrown) {
        List<Throwable> causes = causes(thrown);
        for (Throwable cause : causes) {
            Optional<ExitCode> code = known(cause);
            if (code.isPresent()) {
                return new Failure(code.get(), describe(cause), false);
            }
        }
        for (Throwable cause : causes) {
            if (cause instanceof IOException || cause instanceof SQLException) {
                return new Failure(ExitCode.FAILED, describe(cause), false);
            }
        }
        Throwable root = causes.getLast();
        return new Failure(
                ExitCode.FAILED,
                "%s: %s; this is a defect in varve; run with VARVE_TRACE=1 for the stack trace"
                        .formatted(root.getClass().getSimpleName(), root.getMessage()),
                true);
    }

    private static List<Throwable> causes(Throwable thrown) {
        List<Throwable> causes = new ArrayList<>();
        for (Throwable cause = thrown;
                cause != null && causes.size() < MAX_CAUSES;
                cause = cause.getCause()) {
            causes.add(cause);
        }
        return causes;
    }

    private static Optional<ExitCode> known(Throwable cause) {
        return switch (cause) {
            case UsageException e -> Optional.of(ExitCode.USAGE);
            case JobUsageException e -> Optional.of(ExitCode.USAGE);
            case InvalidRangesException e -> Optional.of(ExitCode.USAGE);
            case ReadOnlyRepositoryException e -> Optional.of(ExitCode.USAGE);
            case RepositoryExistsException e -> Optional.of(ExitCode.USAGE);
            case UnknownBackupException e -> Optional.of(ExitCode.USAGE);
            case UnsupportedFormatException e -> Optional.of(ExitCode.USAGE);
            case EmptyVolumeException e -> Optional.of(ExitCode.USAGE);
            case NotVolumeException e -> Optional.of(ExitCode.USAGE);
            case TargetRefusedException e -> Optional.of(ExitCode.USAGE);
            case TargetNotEmptyException e -> Optional.of(ExitCode.USAGE);
            case NoRepositoryException e -> Optional.of(ExitCode.NO_REPOSITORY);
            case RunBusyException e -> Optional.of(ExitCode.BUSY);
            case LeaseLostException e -> Optional.of(ExitCode.BUSY);
            case StoppedException e -> Optional.of(ExitCode.STOPPED);
            case MoverFailedException e -> Optional.of(codeOf(e));
            case ClusterUsageException e -> Optional.of(ExitCode.USAGE);
            case TrackingException e when e.kind() == TrackingException.Kind.DENIED ->
                    Optional.of(ExitCode.USAGE);
            // Its subclasses are time-outs.
            case InterruptedIOException e when e.getClass() == InterruptedIOException.class ->
                    Optional.of(ExitCode.STOPPED);
            case DatabaseInUseException e -> Optional.of(ExitCode.BUSY);
            case WrongPasswordException e -> Optional.of(ExitCode.WRONG_PASSWORD);
            case DamageException e -> Optional.of(ExitCode.DAMAGED);
            case CorruptFormatException e -> Optional.of(ExitCode.DAMAGED);
            case BlobStorageException.Damaged e -> Optional.of(ExitCode.DAMAGED);
            case BlobStorageException e -> Optional.of(ExitCode.FAILED);
            case WrongHashException e -> Optional.of(ExitCode.FAILED);
            default -> Optional.empty();
        };
    }

    /** What a mover met is what its launcher ends with, where a code says it. */
    private static ExitCode codeOf(MoverFailedException failure) {
        return Arrays.stream(ExitCode.values())
                .filter(code -> failure.exitCode().equals(OptionalInt.of(code.number())))
                .filter(code -> code == ExitCode.DAMAGED || code == ExitCode.WRONG_PASSWORD)
                .findFirst()
                .orElse(ExitCode.FAILED);
    }

    /** What a cause says; the JDK's file exceptions say only a path. */
    public static String describe(Throwable cause) {
        return switch (cause) {
            case NoSuchFileException e -> "no such file: " + e.getFile();
            case AccessDeniedException e -> "permission denied: " + e.getFile();
            case FileAlreadyExistsException e -> "file exists: " + e.getFile();
            case FileSystemException e when e.getReason() == null ->
                    "input or output failed: " + e.getFile();
            case SQLException e -> describeDatabase(e);
            default -> message(cause);
        };
    }

    /** Of a full disk, H2 itself says only that the database has been closed. */
    private static String describeDatabase(SQLException failure) {
        List<Throwable> causes = causes(failure);
        String why = causes.size() == 1 ? "" : ": " + message(causes.getLast());
        return "the database of the jobs (VARVE_HOME, --database) failed: %s%s; mend that, then run the same command again: it goes on from the last checkpoint"
                .formatted(withoutStatement(message(failure)), why);
    }

    /** H2 quotes, on a line of its own, the statement that failed. */
    private static String withoutStatement(String message) {
        return message.split("; SQL statement:", 2)[0].lines().findFirst().orElse("");
    }

    private static String message(Throwable cause) {
        String message = cause.getMessage();
        return message == null || message.isBlank() ? cause.getClass().getSimpleName() : message;
    }
}
