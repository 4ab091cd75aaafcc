package io.varve.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NeedsControlPlane
class CsiSidecarsTest {

    @Test
    void theyWaitForADriverThatDoesNotListenYet(ControlPlane plane, @TempDir Path folder)
            throws IOException {
        Path socket = folder.resolve("csi.sock");
        try (CsiSidecars sidecars = CsiSidecars.start(plane, "late.example", socket)) {
            for (String name : new String[] {"csi-provisioner", "csi-snapshotter"}) {
                Path log = plane.logs().of(name + ".late.example");
                Waiting.until(
                        name + " to look for the driver",
                        () -> {
                            sidecars.check();
                            return Optional.of(Files.readString(log))
                                    .filter(said -> said.contains(socket.toString()));
                        });
            }
            sidecars.check();
        }
        assertThat(socket).doesNotExist();
    }
}
