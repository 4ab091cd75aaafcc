package io.varve.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@NeedsControlPlane
class AuthorizationTest {

    private static final String ACCOUNT = "reader";

    private final ControlPlane plane;
    private final KubernetesClient admin;
    private final String namespace;

    AuthorizationTest(ControlPlane plane) throws IOException {
        this.plane = plane;
        admin = plane.admin();
        namespace = plane.newNamespace("authorization");
        admin.resource(
                        new ServiceAccountBuilder()
                                .withNewMetadata()
                                .withNamespace(namespace)
                                .withName(ACCOUNT)
                                .endMetadata()
                                .build())
                .create();
    }

    @Test
    void theServerIsOfTheVersionThatItWasBuiltFrom() {
        assertThat(admin.getKubernetesVersion().getGitVersion()).startsWith("v1.");
        assertThat(admin.getKubernetesVersion().getMajor()).isEqualTo("1");
    }

    @Test
    void aServiceAccountWithoutRulesIsRefusedAndTheAuditLogHasIt() throws IOException {
        try (KubernetesClient client = plane.clientOf(namespace, ACCOUNT)) {
            assertThatThrownBy(() -> client.persistentVolumeClaims().inNamespace(namespace).list())
                    .isInstanceOf(KubernetesClientException.class)
                    .hasMessageContaining("persistentvolumeclaims is forbidden");
        }
        String user = "system:serviceaccount:%s:%s".formatted(namespace, ACCOUNT);
        List<AuditLog.Request> requests =
                Waiting.until(
                        "the audit log to have it",
                        () ->
                                Optional.of(plane.audit().requestsOf(user))
                                        .filter(found -> !found.isEmpty()));
        assertThat(requests)
                .containsExactly(
                        new AuditLog.Request(
                                "list", "", "persistentvolumeclaims", namespace, "", 403));
    }

    @Test
    void aTokenIsGoodForItsAudienceOnly() {
        String token =
                admin.serviceAccounts()
                        .inNamespace(namespace)
                        .withName(ACCOUNT)
                        .tokenRequest(
                                new TokenRequestBuilder()
                                        .withNewSpec()
                                        .withAudiences("metadata.example")
                                        .withExpirationSeconds(600L)
                                        .endSpec()
                                        .build())
                        .getStatus()
                        .getToken();

        TokenReview right = review(token, "metadata.example");
        assertThat(right.getStatus().getAuthenticated()).isTrue();
        assertThat(right.getStatus().getAudiences()).containsExactly("metadata.example");
        assertThat(right.getStatus().getUser().getUsername())
                .isEqualTo("system:serviceaccount:%s:%s".formatted(namespace, ACCOUNT));

        assertThat(review(token, "other.example").getStatus().getError())
                .contains("token audiences");
    }

    private TokenReview review(String token, String audience) {
        return admin.tokenReviews()
                .create(
                        new TokenReviewBuilder()
                                .withNewSpec()
                                .withToken(token)
                                .withAudiences(audience)
                                .endSpec()
                                .build());
    }
}
