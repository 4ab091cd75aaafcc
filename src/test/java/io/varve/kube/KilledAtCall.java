package io.varve.kube;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets so many calls through that change something, and no call after that: as a process that is
 * killed before the next one. Calls that only read change nothing, so every point there is, is one
 * of these.
 */
public final class KilledAtCall implements Interceptor {

    /** What the caller meets instead of its end. */
    public static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    private final int changes;
    private final AtomicInteger seen = new AtomicInteger();

    public KilledAtCall(int changes) {
        this.changes = changes;
    }

    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        boolean isChange = !request.method().equals("GET");
        if (isChange ? seen.incrementAndGet() > changes : seen.get() > changes) {
            throw new Killed();
        }
    }

    /** Whether a call was refused. */
    public boolean hasKilled() {
        return seen.get() > changes;
    }
}
