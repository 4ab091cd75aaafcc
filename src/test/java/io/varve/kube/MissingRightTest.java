package io.varve.kube;

import static io.varve.kube.BackupCluster.PATIENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.cluster.ControlPlane;
import io.varve.cluster.NeedsControlPlane;
import io.varve.cluster.Waiting;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.api.Identity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Without a right nothing is begun, and the message says what to write into which Role. */
@NeedsControlPlane
class MissingRightTest {

    private static BackupCluster cluster;
    private static Map<Work, Account> accounts;

    /** What is asked for before it is begun. */
    enum Work {
        BACKUP("back up") {
            @Override
            Stream<AccessRule> own() {
                return BackupAccess.RULES.stream();
            }

            @Override
            void check(Preflight preflight, PreflightScope scope) throws IOException {
                preflight.check(scope);
            }
        },
        RESTORE("restore") {
            @Override
            Stream<AccessRule> own() {
                return Stream.concat(
                        RestoreAccess.RULES.stream(),
                        BackupAccess.RULES.stream().filter(RestoreAccess::shared));
            }

            @Override
            void check(Preflight preflight, PreflightScope scope) throws IOException {
                preflight.checkRestore(scope, false);
            }
        };

        private final String words;

        Work(String words) {
            this.words = words;
        }

        List<AccessRule> rules() {
            return Stream.concat(own(), BackupAccess.COPY_RULES.stream()).toList();
        }

        /** Beside those by which it copies. */
        abstract Stream<AccessRule> own();

        abstract void check(Preflight preflight, PreflightScope scope) throws IOException;
    }

    /**
     * A ServiceAccount that has all rights for one kind of work, but for the one that a test takes.
     */
    private record Account(Work work, Identity identity, Cluster connected)
            implements AutoCloseable {

        static Account of(Work work, ControlPlane plane) throws IOException {
            Identity identity =
                    new Identity(plane.newNamespace("poor"), "installation-2", "launcher");
            RenderedAccess.grant(
                    cluster.admin(), identity, List.of(cluster.tenant()), work.rules());
            return new Account(
                    work,
                    identity,
                    Cluster.connect(
                            new ClusterSettings(
                                    Optional.of(
                                            plane.kubeconfigFor(
                                                    identity.namespace(),
                                                    identity.serviceAccount())),
                                    identity.namespace(),
                                    identity.installation(),
                                    identity.serviceAccount(),
                                    PATIENT)));
        }

        /** From now on, of those that hold where this one does. */
        void lack(AccessRule missing) {
            RenderedAccess.replace(
                    cluster.admin(),
                    identity,
                    List.of(cluster.tenant()),
                    work.rules().stream().filter(rule -> !rule.equals(missing)).toList(),
                    missing.scope());
        }

        void regain(AccessRule missing) {
            RenderedAccess.replace(
                    cluster.admin(),
                    identity,
                    List.of(cluster.tenant()),
                    work.rules(),
                    missing.scope());
        }

        Optional<String> refusal() throws IOException {
            try {
                work.check(
                        connected.preflight(),
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

        String role(AccessRule rule) {
            return switch (rule.scope()) {
                case CLUSTER -> "its ClusterRole";
                case DEFAULT -> "its Role in namespace default";
                case OWN -> "its Role in namespace " + identity.namespace();
                case SOURCE -> "its Role in namespace " + cluster.tenant();
            };
        }

        @Override
        public void close() {
            connected.close();
        }
    }

    @BeforeAll
    static void start(ControlPlane plane, @TempDir Path folder) throws IOException {
        cluster = BackupCluster.start(plane, folder);
        accounts = new EnumMap<>(Work.class);
        for (Work work : Work.values()) {
            accounts.put(work, Account.of(work, plane));
        }
    }

    @AfterAll
    static void stop() throws IOException {
        accounts.values().forEach(Account::close);
        cluster.close();
    }

    private static Stream<Arguments> rules() {
        return Stream.of(Work.values())
                .flatMap(work -> work.rules().stream().map(rule -> Arguments.of(work, rule)));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void theOneMissingRuleIsNamedWithItsRole(Work work, AccessRule missing) throws IOException {
        Account poor = Objects.requireNonNull(accounts.get(work));
        poor.lack(missing);
        try {
            // The API server takes a moment to see changed Roles.
            String refused =
                    Waiting.until(
                            "nothing else to be missing",
                            () ->
                                    poor.refusal()
                                            .filter(text -> !text.contains("; "))
                                            .filter(text -> text.contains(missing.toString())));
            assertThat(refused)
                    .startsWith(
                            "ServiceAccount %s/launcher cannot %s: %s lacks the rule %s"
                                    .formatted(
                                            poor.identity().namespace(),
                                            work.words,
                                            poor.role(missing),
                                            missing));
        } finally {
            poor.regain(missing);
        }
    }

    @Test
    void whoHasThemAllIsNotRefused() throws IOException {
        for (Account account : accounts.values()) {
            Waiting.until(
                    "all rights",
                    () -> account.refusal().isEmpty() ? Optional.of(account) : Optional.empty());
        }
    }

    @Test
    void whereANamespaceIsToBeMadeTheRuleForThatIsNamedToo() {
        Account poor = Objects.requireNonNull(accounts.get(Work.RESTORE));
        PreflightScope elsewhere =
                new PreflightScope(
                        List.of(cluster.tenant() + "-new"), List.of(), List.of(), List.of());
        String rule = "its ClusterRole lacks the rule " + RestoreAccess.NEW_NAMESPACE;
        Preflight preflight = poor.connected().preflight();
        assertThatThrownBy(() -> preflight.checkRestore(elsewhere, true))
                .isInstanceOf(ClusterUsageException.class)
                .hasMessageContaining(rule);
        assertThatThrownBy(() -> preflight.checkRestore(elsewhere, false))
                .isInstanceOf(ClusterUsageException.class)
                .hasMessageNotContaining(rule);
    }
}
