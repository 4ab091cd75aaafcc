package io.varve.kube;

import static io.varve.kube.BackupCluster.NEVER;
import static io.varve.kube.BackupCluster.PATIENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.varve.cluster.ControlPlane;
import io.varve.cluster.NeedsControlPlane;
import io.varve.kube.AccessRule.Scope;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.VolumeMode;
import io.varve.kube.restore.ProvisionSettings;
import io.varve.kube.restore.Restores;
import io.varve.kube.restore.WantedClaim;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That the rules suffice, every test of a restore shows: it has no other rights. */
@NeedsControlPlane
class RestoreAccessTest {

    private static final long BYTES = 4 << 20;

    @Test
    void everyRightOfARestoreIsUsed(ControlPlane plane, @TempDir Path folder) throws IOException {
        try (BackupCluster cluster = BackupCluster.start(plane, folder)) {
            cluster.allowRestore().allowRestoreAnywhere();
            Calls calls = new Calls();
            try (ClusterApi api = cluster.api(PATIENT, calls)) {
                Restores restores = new Restores(api);
                String namespace = cluster.tenant() + "-new";
                WantedClaim wanted =
                        new WantedClaim(
                                namespace,
                                "data",
                                VolumeMode.BLOCK,
                                "",
                                cluster.driver(),
                                List.of("ReadWriteOnce"),
                                Map.of(),
                                BYTES,
                                true);
                RunObjects made = BackupCluster.newRun();
                restores.provision(made, wanted, BYTES, ProvisionSettings.DEFAULT, NEVER);
                restores.bind(made, wanted, NEVER);
                RunObjects again = BackupCluster.newRun();
                restores.takeOver(again, namespace, "data", BYTES, NEVER);
                restores.giveBack(again, namespace, "data", NEVER);
                for (AccessRule rule : RestoreAccess.RULES) {
                    String where = rule.scope() == Scope.CLUSTER ? "" : namespace;
                    for (String verb : rule.verbs()) {
                        assertThat(calls.seen)
                                .contains("%s %s %s".formatted(verb, rule.resource(), where));
                    }
                }
            }
        }
    }

    /** By verb, resource and namespace. */
    private static final class Calls implements Interceptor {

        private static final Pattern OBJECT =
                Pattern.compile(
                        "/apis?(?:/[a-z0-9.]+)*/v1(?:/namespaces/([^/]+)(?=/))?/([a-z]+)(/[^/]+)?");

        private final Set<String> seen = new ConcurrentSkipListSet<>();

        @Override
        public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
            Matcher object = OBJECT.matcher(request.uri().getPath());
            if (object.matches()) {
                String namespace = object.group(1) == null ? "" : object.group(1);
                seen.add(
                        "%s %s %s"
                                .formatted(
                                        verb(request.method(), object.group(3) != null),
                                        object.group(2),
                                        namespace));
            }
        }

        private static String verb(String method, boolean named) {
            return switch (method) {
                case "GET" -> named ? "get" : "list";
                case "POST" -> "create";
                default -> method.toLowerCase(Locale.ROOT);
            };
        }
    }
}
