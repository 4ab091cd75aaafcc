package io.varve.app;

import io.varve.blob.filesystem.FilesystemBlobStorage;
import io.varve.cli.DatabaseSettings;
import io.varve.cli.JobsSettings;
import io.varve.job.BackupOutcome;
import io.varve.job.Jobs;
import io.varve.mover.block.BackupRequest;
import io.varve.mover.block.BackupType;
import io.varve.mover.block.CbtMode;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Repository;
import io.varve.repository.RepositorySettings;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Incremental backups of several volumes in one process, as a run of several claims would make
 * them; prints each volume's seconds: bench/volumes.sh. Arguments: the repository, the database's
 * URL, then a volume's image, its file of changed ranges being named like it and {@code .json}.
 */
public final class FurtherVolumes {

    private static final int STREAMS = 2;

    private FurtherVolumes() {}

    static void main(String[] args) throws IOException {
        Path repositoryFolder = Path.of(args[0]);
        char[] password = System.getenv("VARVE_PASSWORD").toCharArray();
        RepositorySettings settings =
                new RepositorySettings(
                        Path.of(System.getenv("VARVE_HOME")).resolve("cache"),
                        InstantSource.system(),
                        new SecureRandom());
        JobsSettings jobs =
                new JobsSettings(
                        new DatabaseSettings(
                                args[1], Optional.empty(), Optional.empty(), Duration.ofSeconds(20)),
                        STREAMS,
                        "bench",
                        JobsSettings.Role.LAUNCHER,
                        Optional.empty());
        GracefulStop stop = new GracefulStop();
        try (Repository repository =
                        Repository.open(
                                FilesystemBlobStorage.open(repositoryFolder), password, settings);
                Jobs engine =
                        new SpringJobs(
                                        Openers.real(), stop, InstantSource.system())
                                .open(jobs)) {
            for (int volume = 2; volume < args.length; volume++) {
                long begun = System.nanoTime();
                TransferProgress progress = new TransferProgress();
                BackupOutcome outcome =
                        engine.backups().run(repository, request(args[volume]), progress);
                System.out.printf(
                        "%s %.2f s, %s, %d MiB read%n",
                        args[volume],
                        (System.nanoTime() - begun) / 1e9,
                        outcome.status(),
                        progress.readBytes() >> 20);
            }
        } finally {
            stop.commandEnded();
        }
    }

    private static BackupRequest request(String image) {
        String name = Path.of(image).getFileName().toString();
        return new BackupRequest(
                name,
                name,
                image,
                BackupType.INCREMENTAL,
                BackupRequest.PARENT_AUTO,
                CbtMode.AUTO,
                Optional.of(image + ".json"),
                Optional.empty(),
                Optional.of("c1"),
                Optional.of("c0"),
                "");
    }
}
