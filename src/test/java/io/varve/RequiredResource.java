package io.varve;

import java.util.List;
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
        String name = required.value();
        return ReflectionSupport.newInstance(required.probe())
                .missing()
                .map(why -> missing(name, why, context))
                .orElseGet(() -> ConditionEvaluationResult.enabled(name + " is there"));
    }

    private static ConditionEvaluationResult missing(
            String name, String why, ExtensionContext context) {
        String message = "%s needs '%s': %s".formatted(context.getDisplayName(), name, why);
        if (List.of(System.getProperty("varve.tests.required", "").split(",")).contains(name)) {
            throw new IllegalStateException(message + " (required by varve.tests.required)");
        }
        System.err.println("SKIPPED: " + message);
        return ConditionEvaluationResult.disabled(message);
    }
}
