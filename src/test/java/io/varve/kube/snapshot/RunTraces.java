package io.varve.kube.snapshot;

import io.varve.kube.BackupCluster;
import io.varve.kube.api.Kind;
import io.varve.kube.api.RunObjects;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What a cluster holds of a run's snapshot. */
record RunTraces(BackupCluster cluster) {

    /** All that is there of the run, in every namespace. */
    List<String> of(RunObjects run) throws IOException {
        List<String> found = new ArrayList<>();
        String labels = "varve.io/run=" + run.run();
        cluster.api()
                .list(Kind.SNAPSHOT, "", labels)
                .forEach(object -> found.add(Kind.SNAPSHOT.text(object)));
        cluster.api()
                .list(Kind.CONTENT, "", labels)
                .forEach(object -> found.add(Kind.CONTENT.text(object)));
        cluster.api()
                .list(Kind.CONFIG_MAP, cluster.namespace(), labels)
                .forEach(object -> found.add(Kind.CONFIG_MAP.text(object)));
        return found;
    }
}
