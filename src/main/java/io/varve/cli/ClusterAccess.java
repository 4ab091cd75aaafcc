package io.varve.cli;

import io.varve.job.Jobs;
import io.varve.job.cluster.ClusterOptions;
import io.varve.job.definition.Definition;
import io.varve.kube.Cluster;
import io.varve.kube.ClusterSettings;
import io.varve.kube.api.Waits;
import io.varve.repository.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Connects to the cluster, for the commands that need it. */
final class ClusterAccess {

    /** As rendered manifests name it. */
    private static final String BACKUP_ACCOUNT = "launcher-backup";

    private static final String RESTORE_ACCOUNT = "launcher-restore";

    private final Surroundings surroundings;
    private final JobsAccess jobs;

    ClusterAccess(Surroundings surroundings, JobsAccess jobs) {
        this.surroundings = surroundings;
        this.jobs = jobs;
    }

    /**
     * Movers are processes of other hosts, which an embedded database never sees. The caller closes
     * what is opened.
     *
     * @param volumes that are moved at once
     */
    Jobs openJobs(int volumes) throws IOException {
        String url = jobs.database().url();
        if (!url.startsWith("jdbc:postgresql:")) {
            throw new UsageException(
                    "claims need movers, and these need PostgreSQL: set VARVE_DATABASE_URL to jdbc:postgresql://HOST/NAME; found %s"
                            .formatted(url));
        }
        return jobs.openForVolumes(volumes);
    }

    /** What a definition asks of the cluster; its movers are of this pod's image. */
    ClusterOptions options(Definition definition) {
        return new ClusterOptions(definition, surroundings.settings().find(Setting.IMAGE));
    }

    /** For the runs of a definition, which must be of this namespace. The caller closes it. */
    Cluster connect(Definition definition, Waits waits, Repository repository) throws IOException {
        return connect(namespace(definition), waits, repository, BACKUP_ACCOUNT);
    }

    /** The same for a restore, which needs more rights. */
    Cluster connectToRestore(Definition definition, Waits waits, Repository repository)
            throws IOException {
        return connect(namespace(definition), waits, repository, RESTORE_ACCOUNT);
    }

    private String namespace(Definition definition) throws UsageException {
        Optional<String> own = surroundings.settings().find(Setting.NAMESPACE);
        if (own.isPresent() && !own.get().equals(definition.namespace())) {
            throw new UsageException(
                    "definition %s is of namespace %s, and this is %s (VARVE_NAMESPACE)"
                            .formatted(definition.name(), definition.namespace(), own.get()));
        }
        return definition.namespace();
    }

    /** For what concerns all definitions of this namespace. The caller closes it. */
    Cluster connect(Repository repository) throws IOException {
        String namespace =
                surroundings
                        .settings()
                        .find(Setting.NAMESPACE)
                        .orElseThrow(
                                () ->
                                        new UsageException(
                                                "set VARVE_NAMESPACE to Varve's namespace in the cluster"));
        return connect(namespace, Waits.DEFAULT, repository, BACKUP_ACCOUNT);
    }

    /** An installation is a repository's: whoever has lost all else still knows what is its own. */
    private Cluster connect(String namespace, Waits waits, Repository repository, String account)
            throws IOException {
        Settings settings = surroundings.settings();
        return Cluster.connect(
                new ClusterSettings(
                        settings.find(Setting.KUBECONFIG).map(Path::of),
                        namespace,
                        repository.id(),
                        settings.find(Setting.SERVICE_ACCOUNT).orElse(account),
                        waits));
    }
}
