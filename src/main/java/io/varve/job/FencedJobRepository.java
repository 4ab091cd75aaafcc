package io.varve.job;

import io.varve.mover.block.Fence;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Batch's own rows under the fence of a run. Batch reads a row's version right before it writes the
 * row, so that its optimistic locking does not keep a process that slept from writing over what its
 * successor recorded. Here each change asks the fence, in one transaction with it.
 */
final class FencedJobRepository implements InvocationHandler {

    private final JobRepository real;
    private final TransactionTemplate transactions;
    private final Fence fence;

    private FencedJobRepository(JobRepository real, TransactionTemplate transactions, Fence fence) {
        this.real = real;
        this.transactions = transactions;
        this.fence = fence;
    }

    static JobRepository of(
            JobRepository real, PlatformTransactionManager transactions, Fence fence) {
        return (JobRepository)
                Proxy.newProxyInstance(
                        FencedJobRepository.class.getClassLoader(),
                        new Class<?>[] {JobRepository.class},
                        new FencedJobRepository(
                                real, new TransactionTemplate(transactions), fence));
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] args) throws Throwable {
        if (method.getName().startsWith("create")) {
            // Batch refuses to create rows inside a transaction.
            check();
        }
        if (!method.getName().startsWith("update")) {
            return call(method, args);
        }
        try {
            return transactions.execute(
                    status -> {
                        check();
                        try {
                            return call(method, args);
                        } catch (RuntimeException | Error e) {
                            throw e;
                        } catch (Throwable e) {
                            throw new CheckedException(e);
                        }
                    });
        } catch (CheckedException e) {
            throw e.getCause();
        }
    }

    private void check() {
        try {
            fence.check();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Object call(Method method, Object[] args) throws Throwable {
        try {
            return method.invoke(real, args);
        } catch (InvocationTargetException e) {
            throw e.getTargetException();
        }
    }

    /** Carries what the transaction's callback may not throw. */
    private static final class CheckedException extends RuntimeException {
        CheckedException(Throwable cause) {
            super(cause);
        }
    }
}
