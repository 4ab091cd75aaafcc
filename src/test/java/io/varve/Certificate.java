package io.varve;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/**
 * A key and its certificate, which is its own authority; made by the JDK's keytool.
 *
 * @param pem the certificate
 */
public record Certificate(KeyStore store, String pem) {

    private static final String PASSWORD = "certificate";

    /** For a server with this DNS name. */
    public static Certificate create(String dnsName) {
        return create(dnsName, "dns:" + dnsName);
    }

    /** Also for a client that connects to 127.0.0.1. The same one each time: keytool is a JVM. */
    public static Certificate ofThisHost() {
        return OfThisHost.MADE;
    }

    private static final class OfThisHost {
        static final Certificate MADE = create("localhost", "dns:localhost,ip:127.0.0.1");
    }

    /** Of the store and of the key in it. */
    public static char[] password() {
        return PASSWORD.toCharArray();
    }

    /** The private key, in PKCS #8. */
    public String keyPem() {
        try {
            return pem("PRIVATE KEY", store.getKey("server", password()).getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot read the key", e);
        }
    }

    private static Certificate create(String commonName, String names) {
        try {
            Path folder = Files.createTempDirectory("key");
            Path file = folder.resolve("store.p12");
            try {
                generate(file, commonName, names);
                KeyStore store = KeyStore.getInstance(file.toFile(), password());
                return new Certificate(
                        store, pem("CERTIFICATE", store.getCertificate("server").getEncoded()));
            } finally {
                Files.deleteIfExists(file);
                Files.delete(folder);
            }
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("cannot make a certificate", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String pem(String kind, byte[] der) {
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(
                        kind,
                        Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der),
                        kind);
    }

    private static void generate(Path store, String commonName, String names)
            throws IOException, InterruptedException {
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-keystore",
                                store.toString(),
                                "-storepass",
                                PASSWORD,
                                "-alias",
                                "server",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=" + commonName,
                                "-ext",
                                "san=" + names,
                                "-ext",
                                "bc=ca:true")
                        .redirectErrorStream(true)
                        .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool: " + said);
        }
    }
}
