package io.varve.cluster;

import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.RoleRef;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a ServiceAccount may do, by the Roles that are bound to it, against what it has done. */
final class AccessAudit {

    /** Whoever is logged in may ask what they may do. */
    private static final String REVIEWS = "authorization.k8s.io";

    private final List<Grant> grants;
    private final List<AuditLog.Request> requests;

    /**
     * One verb on one resource, by a rule of one role.
     *
     * @param namespaces in which the role is bound; empty for all, and for what has none
     * @param names empty for all
     */
    record Grant(
            String verb, String group, String resource, Set<String> namespaces, Set<String> names) {

        boolean allows(AuditLog.Request request) {
            return verb.equals(request.verb())
                    && group.equals(request.group())
                    && resource.equals(request.resource())
                    && (namespaces.isEmpty() || namespaces.contains(request.namespace()))
                    && (names.isEmpty() || names.contains(request.name()));
        }
    }

    private AccessAudit(List<Grant> grants, List<AuditLog.Request> requests) {
        this.grants = grants;
        this.requests = requests;
    }

    /** As it is now. */
    static AccessAudit of(ControlPlane plane, String namespace, String account) throws IOException {
        return new AccessAudit(
                grants(plane.admin(), namespace, account),
                plane.audit()
                        .requestsOf("system:serviceaccount:%s:%s".formatted(namespace, account)));
    }

    private static List<Grant> grants(KubernetesClient admin, String namespace, String account) {
        List<Grant> grants = new ArrayList<>();
        admin.rbac().clusterRoleBindings().list().getItems().stream()
                .filter(binding -> isOf(binding.getSubjects(), namespace, account))
                .forEach(binding -> add(grants, Set.of(), rules(admin, binding.getRoleRef(), "")));
        Map<BoundRole, Set<String>> bound = new HashMap<>();
        admin.rbac().roleBindings().inAnyNamespace().list().getItems().stream()
                .filter(binding -> isOf(binding.getSubjects(), namespace, account))
                .forEach(
                        binding -> {
                            String where = binding.getMetadata().getNamespace();
                            boolean shared = binding.getRoleRef().getKind().equals("ClusterRole");
                            bound.computeIfAbsent(
                                            new BoundRole(
                                                    binding.getRoleRef(), shared ? "" : where),
                                            role -> new HashSet<>())
                                    .add(where);
                        });
        bound.forEach(
                (role, namespaces) ->
                        add(grants, namespaces, rules(admin, role.name(), role.namespace())));
        return grants;
    }

    private record BoundRole(RoleRef name, String namespace) {}

    private static boolean isOf(List<Subject> subjects, String namespace, String account) {
        return subjects.stream()
                .anyMatch(
                        subject ->
                                subject.getKind().equals("ServiceAccount")
                                        && subject.getName().equals(account)
                                        && namespace.equals(subject.getNamespace()));
    }

    private static List<PolicyRule> rules(KubernetesClient admin, RoleRef role, String namespace) {
        return role.getKind().equals("ClusterRole")
                ? admin.rbac().clusterRoles().withName(role.getName()).require().getRules()
                : admin.rbac()
                        .roles()
                        .inNamespace(namespace)
                        .withName(role.getName())
                        .require()
                        .getRules();
    }

    private static void add(List<Grant> grants, Set<String> namespaces, List<PolicyRule> rules) {
        for (PolicyRule rule : rules) {
            for (String group : rule.getApiGroups()) {
                for (String resource : rule.getResources()) {
                    for (String verb : rule.getVerbs()) {
                        grants.add(
                                new Grant(
                                        verb,
                                        group,
                                        resource,
                                        Set.copyOf(namespaces),
                                        Set.copyOf(rule.getResourceNames())));
                    }
                }
            }
        }
    }

    /** Grants without which every request would have been answered as well. */
    List<Grant> unused() {
        return grants.stream()
                .filter(grant -> requests.stream().noneMatch(request -> needs(request, grant)))
                .toList();
    }

    private boolean needs(AuditLog.Request request, Grant grant) {
        return grant.allows(request)
                && grants.stream()
                        .noneMatch(other -> !other.equals(grant) && other.allows(request));
    }

    /** Requests that the API server refused, or that others' rights allowed. */
    List<AuditLog.Request> ungranted() {
        return requests.stream()
                .filter(request -> !request.group().equals(REVIEWS))
                .filter(
                        request ->
                                request.status() == 403
                                        || grants.stream()
                                                .noneMatch(grant -> grant.allows(request)))
                .distinct()
                .toList();
    }

    boolean isEmpty() {
        return requests.isEmpty();
    }
}
