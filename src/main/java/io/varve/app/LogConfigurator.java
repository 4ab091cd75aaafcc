package io.varve.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.status.NopStatusListener;
import io.varve.cli.LogFormat;
import java.util.List;
import org.slf4j.Logger;

/**
 * Warnings and errors, to standard error. Found by Logback as a service, when the first logger is
 * made; code, since to read XML takes a tenth of a second.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_TOP_PRIORITY)
public final class LogConfigurator extends ContextAwareBase implements Configurator {

    /** Of a failure people see one message, which the command prints; these log its traces too. */
    private static final List<String> SILENT =
            List.of(
                    "org.springframework.batch",
                    "org.springframework.context",
                    "org.springframework.transaction",
                    "org.flywaydb",
                    "com.zaxxer.hikari",
                    "com.azure",
                    "com.microsoft.aad");

    private static final String PATTERN =
            "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{20}: %msg%n";

    @Override
    public ExecutionStatus configure(LoggerContext logging) {
        // Logback's own notes would go to standard output, which belongs to results.
        logging.getStatusManager().add(new NopStatusListener());
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(logging);
        appender.setName("STDERR");
        appender.setTarget("System.err");
        appender.setEncoder(encoder(logging));
        appender.start();
        SILENT.forEach(name -> logging.getLogger(name).setLevel(Level.OFF));
        ch.qos.logback.classic.Logger root = logging.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(appender);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    private static Encoder<ILoggingEvent> encoder(LoggerContext logging) {
        return switch (LogFormat.chosen()) {
            case TEXT -> {
                PatternLayoutEncoder encoder = new PatternLayoutEncoder();
                encoder.setContext(logging);
                encoder.setPattern(PATTERN);
                encoder.start();
                yield encoder;
            }
            case JSON -> {
                JsonEncoder encoder = new JsonEncoder();
                encoder.setContext(logging);
                encoder.setWithSequenceNumber(false);
                encoder.setWithNanoseconds(false);
                encoder.setWithContext(false);
                encoder.setWithMessage(false);
                encoder.setWithArguments(false);
                encoder.setWithFormattedMessage(true);
                encoder.start();
                yield encoder;
            }
        };
    }
}
