package io.varve.cbt.csi;

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
record Certificate(KeyStore store, String pem) {

    static final char[] PASSWORD = "certificate".toCharArray();

    /** For a server with this DNS name. */
    static Certificate create(String dnsName) {
        try {
            Path folder = Files.createTempDirectory("key");
            Path file = folder.resolve("store.p12");
            try {
                generate(file, dnsName);
                KeyStore store = KeyStore.getInstance(file.toFile(), PASSWORD);
                String body =
                        Base64.getMimeEncoder(64, new byte[] {'\n'})
                                .encodeToString(store.getCertificate("server").getEncoded());
                return new Certificate(
                        store,
                        "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
                                .formatted(body));
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

    private static void generate(Path store, String dnsName)
            throws IOException, InterruptedException {
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-keystore",
                                store.toString(),
                                "-storepass",
                                new String(PASSWORD),
                                "-alias",
                                "server",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=" + dnsName,
                                "-ext",
                                "san=dns:" + dnsName,
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
