package io.varve.cli;

/** A setting, as the environment and {@code application.yaml} name it. */
public enum Setting {
    HOME("VARVE_HOME", "varve.home"),
    REPOSITORY("VARVE_REPOSITORY", "varve.repository"),
    PASSWORD("VARVE_PASSWORD", "varve.password"),
    PASSWORD_FILE("VARVE_PASSWORD_FILE", "varve.password-file"),
    PASSWORD_COMMAND("VARVE_PASSWORD_COMMAND", "varve.password-command"),
    KOPIA_PASSWORD("KOPIA_PASSWORD", "kopia.password"),
    CACHE("VARVE_CACHE", "varve.cache"),
    CACHE_SIZE("VARVE_CACHE_SIZE", "varve.cache-size"),
    LIMIT_UPLOAD("VARVE_LIMIT_UPLOAD", "varve.limit-upload"),
    LIMIT_DOWNLOAD("VARVE_LIMIT_DOWNLOAD", "varve.limit-download"),
    DATABASE_URL("VARVE_DATABASE_URL", "varve.database.url"),
    DATABASE_USER("VARVE_DATABASE_USER", "varve.database.user"),
    DATABASE_PASSWORD("VARVE_DATABASE_PASSWORD", "varve.database.password"),
    LEASE_SECONDS("VARVE_LEASE_SECONDS", "varve.lease-seconds"),
    METRICS_FILE("VARVE_METRICS_FILE", "varve.metrics-file"),
    STREAMS("VARVE_STREAMS", "varve.streams"),
    NODE("VARVE_NODE", "varve.node"),
    PER_NODE("VARVE_PER_NODE", "varve.per-node"),
    NAMESPACE("VARVE_NAMESPACE", "varve.namespace"),
    SERVICE_ACCOUNT("VARVE_SERVICE_ACCOUNT", "varve.service-account"),
    TERMINATION_MESSAGE("VARVE_TERMINATION_MESSAGE", "varve.termination-message"),
    RUN_ID("VARVE_RUN_ID", "varve.run-id"),
    IMAGE("VARVE_IMAGE", "varve.image"),
    KUBECONFIG("KUBECONFIG", "kubeconfig");

    private final String variable;
    private final String property;

    Setting(String variable, String property) {
        this.variable = variable;
        this.property = property;
    }

    /** The environment variable. */
    public String variable() {
        return variable;
    }

    /** The key in {@code application.yaml}. */
    public String property() {
        return property;
    }
}
