package io.varve.job.definition.render;

import static org.assertj.core.api.Assertions.assertThat;

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
        assertThat(NetworkTrees.ports("jdbc:postgresql://db/varve").get("apiServerPorts"))
                .asString()
                .contains("port=443}", "port=6443}", "port=8443}", "port=16443}");
    }
}
