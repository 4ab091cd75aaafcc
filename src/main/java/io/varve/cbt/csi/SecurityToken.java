package io.varve.cbt.csi;

import java.time.Instant;

/** Who a caller is, to the services of one audience. Its text never shows what it is. */
public record SecurityToken(String value, Instant expiresAt) {

    @Override
    public String toString() {
        return "token until " + expiresAt;
    }
}
