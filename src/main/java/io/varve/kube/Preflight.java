package io.varve.kube;

import io.varve.cbt.csi.MetadataService;
import io.varve.cbt.csi.TrackingException;
import io.varve.kube.AccessRule.Scope;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.api.Kind;
import io.varve.kube.api.TokenRequests;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.mover.ExposeSettings;
import io.varve.kube.mover.Exposer;
import io.varve.kube.snapshot.ClusterMetadata;
import io.varve.kube.snapshot.SnapshotSettings;
import io.varve.kube.snapshot.Snapshots;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Asks for every right and service that a backup or a restore needs, before it makes anything. */
public final class Preflight {

    private final ClusterApi api;
    private final OwnRights rights;

    Preflight(ClusterApi api) {
        this.api = api;
        this.rights = new OwnRights(api);
    }

    /**
     * @throws ClusterUsageException with every rule that is missing, as it is to be written into a
     *     Role, and every service that cannot be reached
     */
    public void check(PreflightScope scope) throws IOException {
        check(scope, BackupAccess.RULES, "back up");
    }

    /**
     * The same for a restore.
     *
     * @param scope with the namespace of the claim
     * @param createNamespace whether that is to be made if it is not there
     */
    public void checkRestore(PreflightScope scope, boolean createNamespace) throws IOException {
        List<AccessRule> rules = new ArrayList<>(RestoreAccess.RULES);
        BackupAccess.RULES.stream().filter(RestoreAccess::shared).forEach(rules::add);
        if (createNamespace
                && api.get(Kind.NAMESPACE, "", scope.namespaces().getFirst()).isEmpty()) {
            rules.add(RestoreAccess.NEW_NAMESPACE);
        }
        check(scope, rules, "restore");
    }

    private void check(PreflightScope scope, List<AccessRule> rules, String what)
            throws IOException {
        List<String> missing = new ArrayList<>();
        for (AccessRule rule : rules) {
            String account =
                    rule.resource().contains("/")
                            ? api.identity().serviceAccount()
                            : OwnRights.ANY_NAME;
            check(rule, account, scope, missing);
        }
        if (scope.copies()) {
            for (AccessRule rule : BackupAccess.COPY_RULES) {
                for (String name : copied(rule, scope)) {
                    check(rule, name, scope, missing);
                }
            }
        }
        for (String driver : scope.drivers()) {
            unreachable(driver).ifPresent(missing::add);
        }
        if (!missing.isEmpty()) {
            throw new ClusterUsageException(
                    "ServiceAccount %s/%s cannot %s: %s"
                            .formatted(
                                    api.namespace(),
                                    api.identity().serviceAccount(),
                                    what,
                                    String.join("; ", missing)));
        }
    }

    /**
     * Why a claim cannot be backed up as it is wanted, as far as that shows before its
     * VolumeSnapshot is cut; empty if nothing is in the way.
     */
    public Optional<String> obstacle(
            SourceClaim claim, SnapshotSettings snapshot, ExposeSettings expose)
            throws IOException {
        try {
            new Snapshots(api).chooseClass(claim, snapshot);
            new Exposer(api).check(claim, expose);
            return Optional.empty();
        } catch (ClusterUsageException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static List<String> copied(AccessRule rule, PreflightScope scope) {
        if (rule.scope() == Scope.OWN) {
            return List.of(OwnRights.ANY_NAME);
        }
        return rule.resource().equals("secrets") ? scope.copiedSecrets() : scope.copiedConfigMaps();
    }

    private void check(AccessRule rule, String name, PreflightScope scope, List<String> missing)
            throws IOException {
        for (String namespace : namespaces(rule.scope(), scope)) {
            lacking(rule, namespace, name).ifPresent(missing::add);
        }
    }

    /** Empty text: all namespaces at once. */
    private List<String> namespaces(Scope scope, PreflightScope wanted) {
        return switch (scope) {
            case OWN -> List.of(api.namespace());
            case SOURCE -> wanted.namespaces().isEmpty() ? List.of("") : wanted.namespaces();
            case DEFAULT -> List.of("default");
            case CLUSTER -> List.of("");
        };
    }

    private Optional<String> lacking(AccessRule rule, String namespace, String name)
            throws IOException {
        List<String> verbs = rights.lacking(rule, namespace, name);
        if (verbs.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                "%s lacks the rule %s%s"
                        .formatted(
                                namespace.isEmpty()
                                        ? "its ClusterRole"
                                        : "its Role in namespace " + namespace,
                                new AccessRule(rule.group(), rule.resource(), verbs, rule.scope()),
                                name.equals(OwnRights.ANY_NAME) ? "" : " for " + name));
    }

    private Optional<String> unreachable(String driver) throws IOException {
        try {
            Optional<MetadataService> service = ClusterMetadata.service(api, driver);
            if (service.isEmpty()) {
                return Optional.empty();
            }
            new TokenRequests(api).request(service.get().audience());
            return ServiceHandshake.failure(service.get(), ServiceHandshake.LIMIT);
        } catch (ClusterUsageException | TrackingException e) {
            return Optional.ofNullable(e.getMessage());
        }
    }
}
