package io.varve.app;

import io.varve.job.DatabaseOwner;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.json.JsonMapper;

/**
 * Lets the owner of an embedded database answer for others, who cannot open it: they send the words
 * of their command in one line of JSON, and get what it prints and its exit code in lines of JSON.
 * A Unix domain socket in a folder of its own that only its user can enter.
 */
final class OwnerSocket implements Closeable {

    /** An answer that is being given when the run ends: {@code job stop} waits for just that. */
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(5);

    private static final String NAME = "varve.sock";

    private final EmbeddedFile database;
    private final Path socket;
    private final ServerSocketChannel server;
    private final Answering answering;
    private final ExecutorService answers =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofPlatform().daemon().name("answer-", 0).factory());

    /** Carries out a command on the open database. */
    @FunctionalInterface
    interface Answering {
        /**
         * Returns the exit code.
         *
         * @param out gets what is printed
         */
        int answer(List<String> words, AnswerLines out);
    }

    private OwnerSocket(
            EmbeddedFile database, Path socket, ServerSocketChannel server, Answering answering) {
        this.database = database;
        this.socket = socket;
        this.server = server;
        this.answering = answering;
    }

    /**
     * Begins to listen, and says so beside the database.
     *
     * @param owner this process, without its socket
     */
    static OwnerSocket open(EmbeddedFile database, DatabaseOwner owner, Answering answering)
            throws IOException {
        Path folder =
                Files.createTempDirectory(
                        "varve-",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
        Path socket = folder.resolve(NAME);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        OwnerSocket open = new OwnerSocket(database, socket, server, answering);
        try {
            server.bind(UnixDomainSocketAddress.of(socket));
            RunFile.write(
                    database,
                    new DatabaseOwner(
                            owner.host(),
                            owner.pid(),
                            owner.command(),
                            owner.since(),
                            socket.toString()));
        } catch (IOException | RuntimeException e) {
            open.close();
            throw e;
        }
        Thread.ofPlatform().daemon().name("owner").start(open::listen);
        return open;
    }

    /**
     * Says beside the database whose it is, and removes what a killed owner left.
     *
     * @param owner this process, without a socket
     */
    static void announce(EmbeddedFile database, DatabaseOwner owner) throws IOException {
        removeLeftover(database);
        RunFile.write(database, owner);
    }

    /** The last owner was killed. What cannot be removed, another user's for example, stays. */
    private static void removeLeftover(EmbeddedFile database) {
        try {
            Optional<Path> socket = RunFile.read(database).map(owner -> Path.of(owner.socket()));
            if (socket.isPresent() && socket.get().endsWith(NAME)) {
                Files.deleteIfExists(socket.get());
                Files.deleteIfExists(socket.get().getParent());
            }
        } catch (IOException | InvalidPathException e) {
            // It is in nobody's way.
        }
    }

    private void listen() {
        try {
            while (true) {
                SocketChannel client = server.accept();
                try {
                    answers.execute(() -> answer(client));
                } catch (RejectedExecutionException e) {
                    client.close();
                }
            }
        } catch (ClosedChannelException e) {
            // The end.
        } catch (IOException e) {
            // Others are told that the database is in use; the run goes on.
        }
    }

    private void answer(SocketChannel client) {
        try (client;
                BufferedReader in =
                        new BufferedReader(Channels.newReader(client, StandardCharsets.UTF_8))) {
            String line = in.readLine();
            if (line != null) {
                String[] words = JsonMapper.shared().readValue(line, String[].class);
                AnswerLines out = new AnswerLines(Channels.newOutputStream(client));
                out.exit(answering.answer(Arrays.asList(words), out));
            }
        } catch (IOException | RuntimeException e) {
            // Who asked has gone, or does not speak our language.
        }
    }

    /** Ends when the last answers are given. */
    @Override
    public void close() throws IOException {
        server.close();
        answers.shutdown();
        try {
            boolean _ = answers.awaitTermination(LAST_ANSWERS.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.deleteIfExists(socket);
        Files.deleteIfExists(socket.getParent());
        RunFile.delete(database);
    }
}
