package io.varve.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.catalog.LeaseName;
import io.varve.catalog.Run;
import io.varve.database.TcpProxy;
import io.varve.database.TestDatabase;
import io.varve.database.TestDatabase.Address;
import io.varve.mover.block.TransferProgress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.CannotGetJdbcConnectionException;

class LaunchTest {

    private static final LeaseName NAME = new LeaseName(Run.Kind.DELETE, "repo-1", "data");

    @TempDir private Path folder;

    @Test
    void aDatabaseThatStaysGoneEndsTheRunByItsOwnErrorOnceItWasWaitedForLongEnough()
            throws Exception {
        Address address = TestDatabase.POSTGRESQL.create(folder);
        URI server = URI.create(address.url().substring("jdbc:".length()));
        AtomicInteger attempts = new AtomicInteger();
        try (TcpProxy proxy = new TcpProxy(server.getPort());
                JobDatabase database = new JobDatabase(through(proxy, address, server))) {
            Duration patience = Duration.ofSeconds(2);
            Launch launch = new Launch(database.batch(), database.records(), patience);
            long begun = System.nanoTime();
            assertThatThrownBy(
                            () ->
                                    launch.<DeleteOutcome>run(
                                            NAME,
                                            new TransferProgress(),
                                            attempt -> {
                                                attempts.incrementAndGet();
                                                proxy.down();
                                                database.records().runs().find("any");
                                                throw new IllegalStateException("still there");
                                            }))
                    .isInstanceOf(CannotGetJdbcConnectionException.class)
                    .hasMessageContaining("Failed to obtain JDBC Connection");
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(patience);
            assertThat(attempts).hasValue(1);
        }
    }

    private static Address through(TcpProxy proxy, Address address, URI server) {
        return new Address(
                "jdbc:postgresql://localhost:%d%s".formatted(proxy.port(), server.getPath()),
                address.user(),
                address.password());
    }
}
