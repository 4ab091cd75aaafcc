package io.varve.catalog;

/**
 * One process, as others know it.
 *
 * @param id at most 200 characters; no other process ever has it
 * @param host name of the machine, for people
 * @param pid on that machine, for people
 */
public record Owner(String id, String host, long pid) {

    @Override
    public String toString() {
        return "process %d on %s".formatted(pid, host);
    }
}
