package io.varve.kube;

import static io.varve.kube.BackupCluster.PATIENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.cluster.ControlPlane;
import io.varve.cluster.NeedsControlPlane;
import io.varve.cluster.Waiting;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.api.Identity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Without a right nothing is begun, and the message says what to write into which Role. */
@NeedsControlPlane
class MissingRightTest {

    private static ControlPlane plane;
    private static BackupCluster cluster;

    @BeforeAll
    static void start(ControlPlane shared, @TempDir Path folder) throws IOException {
        plane = shared;
        cluster = BackupCluster.start(shared, folder);
    }

    @AfterAll
    static void stop() throws IOException {
        cluster.close();
    }

    private static List<AccessRule> rules() {
        return Stream.concat(BackupAccess.RULES.stream(), BackupAccess.COPY_RULES.stream())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("rules")
    void theOneMissingRuleIsNamedWithItsRole(AccessRule missing) throws IOException {
        Identity poor = new Identity(plane.newNamespace("poor"), "installation-2", "launcher");
        RenderedAccess.grant(
                cluster.admin(),
                poor,
                List.of(cluster.tenant()),
                rules().stream().filter(rule -> !rule.equals(missing)).toList());
        try (Cluster limited = connect(poor)) {
            // The API server takes a moment to see new Roles.
            String refused =
                    Waiting.until(
                            "nothing else to be missing",
                            () ->
                                    refusal(limited)
                                            .filter(text -> !text.contains("; "))
                                            .filter(text -> text.contains(missing.toString())));
            assertThat(refused)
                    .startsWith(
                            "ServiceAccount %s/launcher cannot back up: %s lacks the rule %s"
                                    .formatted(poor.namespace(), role(missing, poor), missing));
        }
    }

    private static String role(AccessRule rule, Identity identity) {
        return switch (rule.scope()) {
            case CLUSTER -> "its ClusterRole";
            case DEFAULT -> "its Role in namespace default";
            case OWN -> "its Role in namespace " + identity.namespace();
            case SOURCE -> "its Role in namespace " + cluster.tenant();
        };
    }

    private static Optional<String> refusal(Cluster limited) throws IOException {
        try {
            limited.preflight()
                    .check(
                            new PreflightScope(
                                    List.of(cluster.tenant()),
                                    List.of(),
                                    List.of(RenderedAccess.COPIED),
                                    List.of(RenderedAccess.COPIED)));
            return Optional.empty();
        } catch (ClusterUsageException e) {
            return Optional.ofNullable(e.getMessage());
        }
    }

    private static Cluster connect(Identity identity) throws IOException {
        return Cluster.connect(
                new ClusterSettings(
                        Optional.of(
                                plane.kubeconfigFor(
                                        identity.namespace(), identity.serviceAccount())),
                        identity.namespace(),
                        identity.installation(),
                        identity.serviceAccount(),
                        PATIENT));
    }
}
