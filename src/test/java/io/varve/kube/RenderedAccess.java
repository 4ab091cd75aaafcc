package io.varve.kube;

import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.varve.kube.AccessRule.Scope;
import io.varve.kube.api.Identity;
import java.util.List;
import java.util.stream.Stream;

/** A ServiceAccount with a backup's rights, and no others, by real Roles. */
final class RenderedAccess {

    /** The one Secret of a tenant that may be copied: such rights are granted by name. */
    static final String COPIED = "kms-token";

    private RenderedAccess() {}

    static void grant(KubernetesClient admin, Identity identity, List<String> tenants) {
        grant(
                admin,
                identity,
                tenants,
                Stream.concat(BackupAccess.RULES.stream(), BackupAccess.COPY_RULES.stream())
                        .toList());
    }

    static void grant(
            KubernetesClient admin,
            Identity identity,
            List<String> tenants,
            List<AccessRule> rules) {
        admin.resource(
                        new ServiceAccountBuilder()
                                .withNewMetadata()
                                .withNamespace(identity.namespace())
                                .withName(identity.serviceAccount())
                                .endMetadata()
                                .build())
                .create();
        add(admin, identity, tenants, rules, "");
    }

    /**
     * Gives the ServiceAccount more rights.
     *
     * @param suffix that no other call for it has
     */
    static void add(
            KubernetesClient admin,
            Identity identity,
            List<String> tenants,
            List<AccessRule> rules,
            String suffix) {
        String name = identity.namespace() + "-" + identity.serviceAccount() + suffix;
        admin.resource(
                        new ClusterRoleBuilder()
                                .withNewMetadata()
                                .withName(name)
                                .endMetadata()
                                .withRules(of(rules, Scope.CLUSTER))
                                .build())
                .create();
        admin.resource(
                        new ClusterRoleBindingBuilder()
                                .withNewMetadata()
                                .withName(name)
                                .endMetadata()
                                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", name)
                                .addNewSubject(
                                        "",
                                        "ServiceAccount",
                                        identity.serviceAccount(),
                                        identity.namespace())
                                .build())
                .create();
        role(
                admin,
                identity,
                identity.namespace(),
                identity.serviceAccount() + "-own" + suffix,
                of(rules, Scope.OWN));
        role(admin, identity, "default", name, of(rules, Scope.DEFAULT));
        for (String tenant : tenants) {
            role(admin, identity, tenant, name, of(rules, Scope.SOURCE));
        }
    }

    /**
     * Puts these rules in the place of those that {@link #grant} gave for a scope.
     *
     * @param rules only those of the scope count
     */
    static void replace(
            KubernetesClient admin,
            Identity identity,
            List<String> tenants,
            List<AccessRule> rules,
            Scope scope) {
        String name = identity.namespace() + "-" + identity.serviceAccount();
        List<PolicyRule> wanted = of(rules, scope);
        switch (scope) {
            case CLUSTER ->
                    admin.rbac()
                            .clusterRoles()
                            .withName(name)
                            .edit(role -> new ClusterRoleBuilder(role).withRules(wanted).build());
            case OWN ->
                    edit(admin, identity.namespace(), identity.serviceAccount() + "-own", wanted);
            case DEFAULT -> edit(admin, "default", name, wanted);
            case SOURCE -> tenants.forEach(tenant -> edit(admin, tenant, name, wanted));
        }
    }

    private static void edit(
            KubernetesClient admin, String namespace, String name, List<PolicyRule> rules) {
        admin.rbac()
                .roles()
                .inNamespace(namespace)
                .withName(name)
                .edit(role -> new RoleBuilder(role).withRules(rules).build());
    }

    private static void role(
            KubernetesClient admin,
            Identity identity,
            String namespace,
            String name,
            List<PolicyRule> rules) {
        admin.resource(
                        new RoleBuilder()
                                .withNewMetadata()
                                .withNamespace(namespace)
                                .withName(name)
                                .endMetadata()
                                .withRules(rules)
                                .build())
                .create();
        admin.resource(
                        new RoleBindingBuilder()
                                .withNewMetadata()
                                .withNamespace(namespace)
                                .withName(name)
                                .endMetadata()
                                .withNewRoleRef("rbac.authorization.k8s.io", "Role", name)
                                .addNewSubject(
                                        "",
                                        "ServiceAccount",
                                        identity.serviceAccount(),
                                        identity.namespace())
                                .build())
                .create();
    }

    private static List<PolicyRule> of(List<AccessRule> rules, Scope scope) {
        return rules.stream()
                .filter(rule -> rule.scope() == scope)
                .map(
                        rule ->
                                new PolicyRuleBuilder()
                                        .withApiGroups(rule.group())
                                        .withResources(rule.resource())
                                        .withVerbs(rule.verbs())
                                        .withResourceNames(names(rule))
                                        .build())
                .toList();
    }

    private static List<String> names(AccessRule rule) {
        return rule.scope() == Scope.SOURCE && BackupAccess.COPY_RULES.contains(rule)
                ? List.of(COPIED)
                : List.of();
    }
}
