package io.varve.repository.verify;

import io.varve.format.ContentId;
import io.varve.format.index.IndexEntry;
import io.varve.repository.content.DamageException;
import io.varve.repository.verify.VerifyReport.Damaged;
import java.io.IOException;
import java.util.Optional;

/** Checks single contents, each where it lies now. For one thread. */
final class ContentCheck {

    private final RepositoryView view;

    /** What to check of a content that the index and the listing of packs know. */
    @FunctionalInterface
    interface Probe {
        void check(IndexEntry entry) throws IOException;
    }

    ContentCheck(RepositoryView view) {
        this.view = view;
    }

    /**
     * What is wrong with a content, whatever kept it from being checked included. Before anything
     * is called wrong it is looked for in a newer view.
     *
     * @throws IOException only if the thread was interrupted
     */
    Optional<Damaged> check(ContentId id, Probe probe) throws IOException {
        Optional<Damaged> damaged = attempt(id, probe);
        return damaged.isPresent() && isRenewed() ? attempt(id, probe) : damaged;
    }

    private Optional<Damaged> attempt(ContentId id, Probe probe) throws IOException {
        String pack = "";
        try {
            Optional<IndexEntry> entry = view.index().find(id);
            if (entry.isEmpty()) {
                throw DamageException.ofContent(id, "no index blob says where it lies");
            }
            pack = entry.get().pack();
            view.checkPack(entry.get());
            probe.check(entry.get());
            return Optional.empty();
        } catch (IOException e) {
            Interruption.stopOn(e);
            return Optional.of(Damaged.ofContent(id.toString(), pack, e));
        }
    }

    /** Without a newer view, what the old one said stands. */
    private boolean isRenewed() throws IOException {
        try {
            return view.renew();
        } catch (IOException e) {
            Interruption.stopOn(e);
            return false;
        }
    }
}
