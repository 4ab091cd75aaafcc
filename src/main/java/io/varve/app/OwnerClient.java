package io.varve.app;

import io.varve.job.DatabaseOwner;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Asks the owner of an embedded database to carry out a command there. */
final class OwnerClient {

    private OwnerClient() {}

    /**
     * Prints what the owner answers and returns its exit code; nothing, and no result on standard
     * output, if it does not answer to the end, which may be because it just ended.
     */
    static OptionalInt ask(
            DatabaseOwner owner, List<String> words, PrintWriter out, PrintWriter err) {
        if (owner.socket().isEmpty()) {
            return OptionalInt.empty();
        }
        try (SocketChannel channel =
                        SocketChannel.open(UnixDomainSocketAddress.of(owner.socket()));
                BufferedReader answer =
                        new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
            ByteBuffer request =
                    StandardCharsets.UTF_8.encode(
                            JsonMapper.shared().writeValueAsString(words) + "\n");
            while (request.hasRemaining()) {
                channel.write(request);
            }
            StringBuilder result = new StringBuilder();
            for (String text = answer.readLine(); text != null; text = answer.readLine()) {
                AnswerLines.Line line = JsonMapper.shared().readValue(text, AnswerLines.Line.class);
                if (line.isLast()) {
                    out.print(result);
                    out.flush();
                    return OptionalInt.of(line.exit());
                }
                result.append(line.out());
                err.print(line.err());
                err.flush();
            }
        } catch (IOException | JacksonException e) {
            // It ended, or was killed in the middle of a line.
        }
        return OptionalInt.empty();
    }
}
