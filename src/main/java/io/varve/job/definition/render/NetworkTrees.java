package io.varve.job.definition.render;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Ports that pods may reach. Ports alone: a policy knows no names, and an address that it lists
 * today may be another one's tomorrow.
 */
final class NetworkTrees {

    private static final int POSTGRESQL = 5432;

    /**
     * Of the Service, and where API servers themselves listen, which some networks look at:
     * kubeadm, minikube and Docker Desktop, MicroK8s.
     */
    private static final List<Integer> API_SERVER_PORTS = List.of(443, 6443, 8443, 16443);

    private static final Pattern HOSTS = Pattern.compile("jdbc:postgresql://([^/?]*).*");
    private static final Pattern PORT = Pattern.compile(".*:([0-9]{1,5})");

    private NetworkTrees() {}

    /** The ports that the templates have places for. */
    static Map<String, Object> ports(String databaseUrl) {
        return Map.of(
                // 5353 is where the pods of OpenShift's DNS listen.
                "namePorts",
                List.of(port("UDP", 53), port("TCP", 53), port("UDP", 5353), port("TCP", 5353)),
                "databasePorts",
                databasePorts(databaseUrl).stream().map(number -> port("TCP", number)).toList(),
                "apiServerPorts",
                API_SERVER_PORTS.stream().map(number -> port("TCP", number)).toList());
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
