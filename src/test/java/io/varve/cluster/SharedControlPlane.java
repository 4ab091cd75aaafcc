package io.varve.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestWatcher;

/** One control plane for all tests of this JVM: started for the first, closed after the last. */
final class SharedControlPlane implements ParameterResolver, TestWatcher {

    private static final Namespace NAMESPACE = Namespace.create(SharedControlPlane.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == ControlPlane.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return store(context)
                .computeIfAbsent(Start.class, key -> Start.attempt(), Start.class)
                .plane();
    }

    /** What the control plane said is of use then. */
    @Override
    public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
        if (store(context).get(Start.class) instanceof Running(ControlPlane plane)) {
            plane.logs().keep();
        }
    }

    /** The root's: it closes what it holds when all tests have ended. */
    private static Store store(ExtensionContext context) {
        return context.getRoot().getStore(NAMESPACE);
    }

    /** What came of the only attempt: one that failed would fail again for each test, slowly. */
    private sealed interface Start extends AutoCloseable {

        static Start attempt() {
            try {
                return new Running(ControlPlane.start());
            } catch (IOException e) {
                return new Failed(e);
            }
        }

        ControlPlane plane();

        @Override
        void close() throws IOException;
    }

    private record Running(ControlPlane plane) implements Start {
        @Override
        public void close() throws IOException {
            plane.close();
        }
    }

    private record Failed(IOException reason) implements Start {
        @Override
        public ControlPlane plane() {
            throw new UncheckedIOException(reason);
        }

        @Override
        public void close() {}
    }
}
