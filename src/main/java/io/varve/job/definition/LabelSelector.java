package io.varve.job.definition;

import java.util.List;
import java.util.Map;

/** Labels as Kubernetes selects by them; an empty one matches everything. */
public record LabelSelector(Map<String, String> matchLabels, List<Expression> matchExpressions) {

    /** One condition. */
    public record Expression(String key, String operator, List<String> values) {

        boolean matches(Map<String, String> labels) {
            boolean has = labels.containsKey(key);
            boolean among = has && values.contains(labels.get(key));
            return switch (operator) {
                case "In" -> among;
                case "NotIn" -> !among;
                case "Exists" -> has;
                case "DoesNotExist" -> !has;
                default -> throw new IllegalStateException("operator " + operator);
            };
        }
    }

    /** Whether an object with these labels is selected. */
    public boolean matches(Map<String, String> labels) {
        return labels.entrySet().containsAll(matchLabels.entrySet())
                && matchExpressions.stream().allMatch(condition -> condition.matches(labels));
    }
}
