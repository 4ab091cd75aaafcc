package io.varve.crash;

import io.varve.crash.Moment.Event;
import io.varve.crash.Moment.When;
import io.varve.crash.WatchedOpeners.Watcher;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Set;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** A database that tells of each commit, those of single statements included. */
final class WatchedDatabase extends DelegatingDataSource {

    private static final Set<String> CHANGES = Set.of("executeUpdate", "executeBatch");

    private final Watcher watcher;

    WatchedDatabase(DataSource real, Watcher watcher) {
        super(real);
        this.watcher = watcher;
    }

    @Override
    public Connection getConnection() throws SQLException {
        Connection real = super.getConnection();
        return proxy(
                Connection.class,
                (method, args) -> {
                    Object result =
                            method.getName().equals("commit")
                                    ? told(() -> invoke(real, method, args))
                                    : invoke(real, method, args);
                    return result instanceof PreparedStatement statement
                            ? watched(real, statement)
                            : result;
                });
    }

    private PreparedStatement watched(Connection connection, PreparedStatement real) {
        return proxy(
                PreparedStatement.class,
                (method, args) ->
                        CHANGES.contains(method.getName()) && connection.getAutoCommit()
                                ? told(() -> invoke(real, method, args))
                                : invoke(real, method, args));
    }

    private interface Call {
        Object run() throws Throwable;
    }

    private Object told(Call commit) throws Throwable {
        tell(When.BEFORE);
        Object result = commit.run();
        tell(When.AFTER);
        return result;
    }

    private void tell(When when) throws IOException {
        watcher.reached(new Moment(when, Event.COMMIT, ""));
    }

    private interface Handler {
        Object invoke(Method method, Object[] args) throws Throwable;
    }

    private <T> T proxy(Class<T> type, Handler handler) {
        return type.cast(
                Proxy.newProxyInstance(
                        getClass().getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, args) -> handler.invoke(method, args)));
    }

    private static Object invoke(Object target, Method method, Object[] args) throws Throwable {
        try {
            return method.invoke(target, args);
        } catch (InvocationTargetException e) {
            throw e.getTargetException();
        }
    }
}
