package io.varve.job.definition;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What the schema allows is what the program reads, field by field. */
class DefinitionSchemaTest {

    private final JsonNode schema = new DefinitionSchema().json();

    private static List<String> components(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getName)
                .map(
                        name ->
                                name.endsWith("Class")
                                                && !name.equals("priorityClass")
                                                && !name.equals("storageClass")
                                        ? "class"
                                        : name)
                .toList();
    }

    private List<String> properties(String pointer) {
        List<String> names = new ArrayList<>();
        schema.at(pointer + "/properties").propertyNames().forEach(names::add);
        return names;
    }

    @Test
    void theDefinitionHasTheFieldsOfTheSchema() {
        assertThat(components(Definition.class)).containsExactlyElementsOf(properties(""));
    }

    @ParameterizedTest
    @CsvSource({
        "schedule, Definition$Schedule",
        "secretKey, Definition$SecretKey",
        "repository, Definition$Repository",
        "database, Definition$Database",
        "selection, VolumeSelection",
        "policy, Policy",
        "policy/properties/when, Policy$Condition",
        "labelSelector, LabelSelector",
        "labelSelector/properties/matchExpressions/items, LabelSelector$Expression",
        "snapshot, Definition$Snapshot",
        "concurrency, Definition$Concurrency",
        "limits, Definition$Limits",
        "storageClass, Definition$StorageClass",
        "driver, Definition$Driver",
        "mover, MoverOptions",
        "mover/properties/cache, MoverOptions$Cache",
        "resources, MoverOptions$Resources",
        "launcher, Definition$Launcher"
    })
    void eachPartHasTheFieldsOfItsSchema(String part, String record) throws Exception {
        Class<?> type = Class.forName("io.varve.job.definition." + record);

        assertThat(components(type))
                .containsExactlyInAnyOrderElementsOf(properties("/$defs/" + part));
    }
}
