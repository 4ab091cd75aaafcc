package io.varve.job.definition;

import io.varve.blob.StorageLocation;
import io.varve.job.definition.Definition.SecretKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What opens an object store: names in a definition, and the variables that programs read. */
public final class StoreKeys {

    private static final Map<String, String> VARIABLES = new LinkedHashMap<>();

    static {
        VARIABLES.put("accessKeyId", "AWS_ACCESS_KEY_ID");
        VARIABLES.put("secretAccessKey", "AWS_SECRET_ACCESS_KEY");
        VARIABLES.put("sessionToken", "AWS_SESSION_TOKEN");
        VARIABLES.put("serviceAccountKey", "GOOGLE_APPLICATION_CREDENTIALS_JSON");
        VARIABLES.put("accountKey", "AZURE_STORAGE_KEY");
        VARIABLES.put("sasToken", "AZURE_STORAGE_SAS_TOKEN");
        VARIABLES.put("tenantId", "AZURE_TENANT_ID");
        VARIABLES.put("clientId", "AZURE_CLIENT_ID");
        VARIABLES.put("clientSecret", "AZURE_CLIENT_SECRET");
    }

    private StoreKeys() {}

    /** By variable, in an order of their own. */
    public static Map<String, SecretKey> variables(Map<String, SecretKey> credentials) {
        Map<String, SecretKey> variables = new LinkedHashMap<>();
        VARIABLES.forEach(
                (name, variable) -> {
                    SecretKey key = credentials.get(name);
                    if (key != null) {
                        variables.put(variable, key);
                    }
                });
        return variables;
    }

    /** The variables of all stores. */
    static Set<String> variables() {
        return Set.copyOf(VARIABLES.values());
    }

    /**
     * Labels of pods that open the repository: where it has no keys, Azure's webhook gives those
     * that want it their workload identity.
     */
    public static Map<String, String> podLabels(Definition.Repository repository) {
        boolean azure =
                StorageLocation.parse(repository.location())
                        instanceof StorageLocation.AzureContainer;
        return azure && repository.credentials().isEmpty()
                ? Map.of("azure.workload.identity/use", "true")
                : Map.of();
    }

    /** Of a store: each list opens it by itself. */
    static List<List<String>> ways(StorageLocation.ObjectStore store) {
        return switch (store) {
            case StorageLocation.Bucket _ ->
                    List.of(
                            List.of("accessKeyId", "secretAccessKey"),
                            List.of("accessKeyId", "secretAccessKey", "sessionToken"));
            case StorageLocation.GoogleBucket _ -> List.of(List.of("serviceAccountKey"));
            case StorageLocation.AzureContainer _ ->
                    List.of(
                            List.of("accountKey"),
                            List.of("sasToken"),
                            List.of("tenantId", "clientId", "clientSecret"));
        };
    }
}
