package io.varve.cluster;

/**
 * The definition of an installed Varve: what it needs to run there, and what a test wants of it.
 *
 * @param mover fields of {@code mover}, in YAML
 * @param more fields of the definition, in YAML
 */
record InstalledDefinition(String mover, String more) {

    private static final String CACHE = "cache: {size: 512Mi}";

    /** One whose movers are as usual. */
    static InstalledDefinition with(String more) {
        return new InstalledDefinition(CACHE, more);
    }

    /**
     * @param repository {@code repository}, in YAML
     */
    String text(InstalledVarve varve, String image, String repository, String databaseUrl) {
        String here =
                """
                nodeSelector: {kubernetes.io/hostname: %s}
                  tolerations: [{key: %s, operator: Exists}]
                """
                        .formatted(varve.node().name(), ClusterNode.TAINT)
                        .strip();
        return """
               version: 1
               name: %s
               namespace: %s
               image: %s
               schedule: {cron: "0 0 1 1 *", timeZone: Etc/UTC}
               repository: %s
               database: {url: "%s", user: {secret: database, key: user}, password: {secret: database, key: password}}
               volumes: [{namespaces: [%s]}]
               mover:
                 %s
                 %s
               launcher:
                 %s
               %s
               """
                .formatted(
                        InstalledVarve.DEFINITION,
                        varve.namespace(),
                        image,
                        repository,
                        databaseUrl,
                        varve.tenant(),
                        mover.strip().indent(2).strip(),
                        here,
                        here,
                        more);
    }
}
