package io.varve;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.ReflectionSupport;

/**
 * Skips a test whose resource is missing, and says so on the console. Where the system property
 * {@code varve.tests.required} (names, separated by commas) has the resource, the test fails
 * instead: a build that promises to test something must not leave it out unseen.
 */
final class RequiredResource implements ExecutionCondition {

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return context.getElement()
                .flatMap(
                        element ->
                                AnnotationSupport.findAnnotation(element, Requires.class)
                                        .map(required -> evaluate(required, context)))
                .orElseGet(() -> ConditionEvaluationResult.enabled("nothing is required"));
    }

    private static ConditionEvaluationResult evaluate(Requires required, ExtensionContext context) {
        ConditionEvaluationResult result =
                decide(
                        "%s needs '%s'".formatted(context.getDisplayName(), required.value()),
                        ReflectionSupport.newInstance(required.probe()).missing(),
                        names(System.getProperty("varve.tests.required", ""))
                                .contains(required.value()));
        if (result.isDisabled()) {
            System.err.println("SKIPPED: " + result.getReason().orElseThrow());
        }
        return result;
    }

    static List<String> names(String property) {
        return Stream.of(property.split(",")).map(String::strip).toList();
    }

    /**
     * @param missing why the resource can't be used, or empty if it can
     * @param required whether a missing resource fails the test
     */
    static ConditionEvaluationResult decide(
            String need, Optional<String> missing, boolean required) {
        if (missing.isEmpty()) {
            return ConditionEvaluationResult.enabled(need + ", it is there");
        }
        String message = need + ": " + missing.get();
        if (required) {
            throw new IllegalStateException(message + " (named in varve.tests.required)");
        }
        return ConditionEvaluationResult.disabled(message);
    }
}
