package io.varve.crash;

import io.varve.Endurance;
import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;

/** As often as it takes to believe it. */
@Endurance
@EveryDatabase
class HundredPairsIT extends TwoLaunchesIT {

    HundredPairsIT(TestDatabase kind) {
        super(kind);
    }

    @Override
    int pairs() {
        return 100;
    }

    @Override
    int rounds() {
        return 100;
    }
}
