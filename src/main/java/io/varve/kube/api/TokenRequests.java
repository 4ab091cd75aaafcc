package io.varve.kube.api;

import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import java.io.IOException;
import java.time.Instant;

/** Tokens of Varve's own ServiceAccount, for others than the API server. */
public final class TokenRequests {

    /** A stream may take ten minutes, and a token has to be valid when it starts. */
    private static final long LIFE_SECONDS = 3600;

    private final ClusterApi api;

    public TokenRequests(ClusterApi api) {
        this.api = api;
    }

    /** A token's text, which is a secret, and when it ends. */
    public record Token(String value, Instant expiresAt) {
        @Override
        public String toString() {
            return "token until " + expiresAt;
        }
    }

    public Token request(String audience) throws IOException {
        String account = api.identity().serviceAccount();
        TokenRequest wanted =
                new TokenRequestBuilder()
                        .withNewSpec()
                        .withAudiences(audience)
                        .withExpirationSeconds(LIFE_SECONDS)
                        .endSpec()
                        .build();
        TokenRequest made =
                api.call(
                        "request a token for audience %s as ServiceAccount %s/%s"
                                .formatted(audience, api.namespace(), account),
                        client ->
                                client.serviceAccounts()
                                        .inNamespace(api.namespace())
                                        .withName(account)
                                        .tokenRequest(wanted));
        return new Token(
                made.getStatus().getToken(),
                Instant.parse(made.getStatus().getExpirationTimestamp()));
    }
}
