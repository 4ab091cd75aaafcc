package io.varve.job.definition.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.job.definition.Definition;
import io.varve.job.definition.Definition.SecretKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A database may be reached at the ports that its URL names. */
class NetworkTreesTest {

    @Test
    void aHostWithoutAPortHasTheStandardOne() {
        assertThat(NetworkTrees.databasePorts("jdbc:postgresql://db/varve")).containsExactly(5432);
    }

    @Test
    void eachHostOfAUrlCounts() {
        assertThat(NetworkTrees.databasePorts("jdbc:postgresql://a:6432,b,[::1]:5433/v?ssl=true"))
                .containsExactly(5432, 5433, 6432);
    }

    @Test
    void apiServersListenAtTheirServicesPortOrAtOneOfTheUsualOnes() {
        assertThat(
                        NetworkTrees.ports("jdbc:postgresql://db/varve", repository("/r", true))
                                .get("apiServerPorts"))
                .asString()
                .contains("port=443}", "port=6443}", "port=8443}", "port=16443}");
    }

    @Test
    void aBucketIsReachedAtItsServersPortAndWithoutKeysWhoGivesThemToo() {
        String far = "s3://backups";
        String near = "s3://backups?endpoint=http://minio:9000";

        assertThat(NetworkTrees.bucketPorts(repository(far, true))).containsExactly(443);
        assertThat(NetworkTrees.bucketPorts(repository(near, true))).containsExactly(9000);
        assertThat(NetworkTrees.bucketPorts(repository(near.replace(":9000", ""), true)))
                .containsExactly(80);
        assertThat(NetworkTrees.bucketPorts(repository(near, false))).containsExactly(443, 9000);
        assertThat(
                        NetworkTrees.ports("jdbc:postgresql://db/varve", repository(near, false))
                                .get("bucketRules"))
                .asString()
                .contains("port=80}]", "cidr=169.254.169.254/32", "cidr=169.254.170.23/32");
    }

    @Test
    void googlesTokensAreAskedForWithAKeyToo() {
        String near = "gs://backups?endpoint=http://fake:4443";

        assertThat(NetworkTrees.bucketPorts(repository("gs://backups", true))).containsExactly(443);
        assertThat(NetworkTrees.bucketPorts(repository(near, true))).containsExactly(443, 4443);
        assertThat(
                        NetworkTrees.ports(
                                        "jdbc:postgresql://db/varve",
                                        repository("gs://backups", false))
                                .get("bucketRules"))
                .asString()
                .contains("port=988}", "cidr=169.254.169.254/32", "cidr=169.254.169.252/32");
    }

    @Test
    void azuresTokensAreAskedForWithASecretToo() {
        String near = "azure://backups?account=acme&endpoint=http://fake:10000";

        assertThat(NetworkTrees.bucketPorts(repository(near, true))).containsExactly(443, 10000);
        assertThat(
                        NetworkTrees.ports("jdbc:postgresql://db/varve", repository(near, false))
                                .get("bucketRules"))
                .asString()
                .contains("port=80}]", "cidr=169.254.169.254/32");
    }

    /** A rule that names no port allows all. */
    @Test
    void aFolderOpensNothing() {
        assertThat(
                        NetworkTrees.ports("jdbc:postgresql://db/varve", repository("/r", false))
                                .get("bucketRules"))
                .isEqualTo(List.of());
    }

    private static Definition.Repository repository(String location, boolean keys) {
        SecretKey key = new SecretKey("secret", "key");
        return new Definition.Repository(
                location,
                key,
                Optional.empty(),
                keys ? Map.of("accessKeyId", key, "secretAccessKey", key) : Map.of(),
                Map.of(),
                Optional.empty(),
                Optional.empty());
    }
}
