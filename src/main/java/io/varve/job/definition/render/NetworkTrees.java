package io.varve.job.definition.render;

import io.varve.blob.StorageLocation;
import io.varve.job.definition.Definition;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Ports that pods may reach. Ports alone: a policy knows no names, and an address that it lists
 * today may be another one's tomorrow.
 */
final class NetworkTrees {

    private static final int POSTGRESQL = 5432;
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    /** Of GKE's workload identities. */
    private static final int GKE_METADATA = 988;

    /** Of EC2's nodes, and of EKS's pod identities: where credentials are asked for without TLS. */
    private static final List<String> AWS_CREDENTIALS =
            List.of(
                    "169.254.169.254/32",
                    "169.254.170.23/32",
                    "fd00:ec2::254/128",
                    "fd00:ec2::23/128");

    /** The same of Google's nodes, and of GKE's workload identities. */
    private static final List<String> GOOGLE_CREDENTIALS =
            List.of("169.254.169.254/32", "169.254.169.252/32");

    /** The same of Azure's nodes. */
    private static final List<String> AZURE_CREDENTIALS = List.of("169.254.169.254/32");

    /**
     * Of the Service, and where API servers themselves listen, which some networks look at:
     * kubeadm, minikube and Docker Desktop, MicroK8s.
     */
    private static final List<Integer> API_SERVER_PORTS = List.of(443, 6443, 8443, 16443);

    private static final Pattern HOSTS = Pattern.compile("jdbc:postgresql://([^/?]*).*");
    private static final Pattern PORT = Pattern.compile(".*:([0-9]{1,5})");

    private NetworkTrees() {}

    /** The ports that the templates have places for. */
    static Map<String, Object> ports(String databaseUrl, Definition.Repository repository) {
        return Map.of(
                // 5353 is where the pods of OpenShift's DNS listen.
                "namePorts",
                List.of(port("UDP", 53), port("TCP", 53), port("UDP", 5353), port("TCP", 5353)),
                "databasePorts",
                databasePorts(databaseUrl).stream().map(number -> port("TCP", number)).toList(),
                "bucketRules",
                bucketRules(repository),
                "apiServerPorts",
                API_SERVER_PORTS.stream().map(number -> port("TCP", number)).toList());
    }

    /** None for a folder: a rule that names no port would allow all. */
    private static List<Object> bucketRules(Definition.Repository repository) {
        List<Object> rules = new ArrayList<>();
        SortedSet<Integer> ports = bucketPorts(repository);
        if (!ports.isEmpty()) {
            rules.add(Map.of("ports", ports.stream().map(number -> port("TCP", number)).toList()));
        }
        if (repository.credentials().isEmpty()) {
            switch (StorageLocation.parse(repository.location())) {
                case StorageLocation.Folder _ -> {}
                case StorageLocation.Bucket _ -> rules.add(rule(AWS_CREDENTIALS, HTTP));
                case StorageLocation.GoogleBucket _ ->
                        rules.add(rule(GOOGLE_CREDENTIALS, HTTP, GKE_METADATA));
                case StorageLocation.AzureContainer _ -> rules.add(rule(AZURE_CREDENTIALS, HTTP));
            }
        }
        return rules;
    }

    private static Object rule(List<String> addresses, int... ports) {
        Map<String, Object> rule = new LinkedHashMap<>();
        rule.put("ports", Arrays.stream(ports).mapToObj(number -> port("TCP", number)).toList());
        rule.put(
                "to",
                addresses.stream()
                        .map(address -> Map.of("ipBlock", Map.of("cidr", address)))
                        .toList());
        return rule;
    }

    /**
     * Of the bucket's server, and of token services: AWS's without keys, those of others in any
     * case.
     */
    static SortedSet<Integer> bucketPorts(Definition.Repository repository) {
        SortedSet<Integer> ports = new TreeSet<>();
        if (StorageLocation.parse(repository.location())
                instanceof StorageLocation.ObjectStore store) {
            ports.add(store.endpoint().map(NetworkTrees::port).orElse(HTTPS));
            if (repository.credentials().isEmpty() || !(store instanceof StorageLocation.Bucket)) {
                ports.add(HTTPS);
            }
        }
        return ports;
    }

    private static int port(URI server) {
        int standard = "http".equals(server.getScheme()) ? HTTP : HTTPS;
        return server.getPort() < 0 ? standard : server.getPort();
    }

    /** Of {@code jdbc:postgresql://one:5433,other/name}: 5433 and the standard one. */
    static List<Integer> databasePorts(String url) {
        Matcher hosts = HOSTS.matcher(url);
        return Arrays.stream((hosts.matches() ? hosts.group(1) : "").split(","))
                .map(PORT::matcher)
                .map(host -> host.matches() ? Integer.parseInt(host.group(1)) : POSTGRESQL)
                .distinct()
                .sorted()
                .toList();
    }

    private static Object port(String protocol, int number) {
        Map<String, Object> port = new LinkedHashMap<>();
        port.put("protocol", protocol);
        port.put("port", number);
        return port;
    }
}
