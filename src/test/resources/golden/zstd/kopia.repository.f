{
  "tool": "https://github.com/kopia/kopia",
  "buildVersion": "varve",
  "buildInfo": "",
  "uniqueID": "+gwjUCPCnaBMFyG5UyDr4ugCAZ50Y5/7KZrASk0GfuM=",
  "keyAlgo": "scrypt-65536-8-1",
  "encryption": "AES256_GCM",
  "encryptedBlockFormat": "9Fb/HOeDDhtP+UTLsH9unwFZgbZu73CZtEge7BvsKGQLw201OuohkJD8gcpy/GhS9WQeYApk8bixyxphXZiCv5IZei/x4p6c4N6hlkDPIg9LoVjzQh4unU044MbHQpM4Nj2EDd8pnulQD+aiaNG6i5igMLl6tY+tjqgnqJmP62Ffd7NGPsh8t77SoMPrDwuMrnNE0I97p1jcyOvKmZ5qaij7ktvGM5X2kxz37ERREp74Xc+G59HqbbnBgxnwWg5RlVFgATR1jMlFvwFJlzPoqhvMVa7zx2+jKJy1lA3DXfeps02GJ13FZ86n/RxUwfNWo0Q7UY9E507BJHSTZMB0AvvatzUTKO3abl19Ko3EGCidO5AeOV8t4D5JuhyDit6g5xbe06nILG+6apF2j6+hDnmQ+/K76Q6Woc6ArE8I1VLUk7QCFSGAKBuRnPqZoRXazGlppAs18jQ/1y3KQ5prqz8x1g0apVOMfxMyj+yGciUWq88PWM1sJKXiWDdSZw46oPdIoZGmLf9kdi73cm+4MoaQNf1b5sbv0fd/BLzbManLODUbJiF81DorDpfqFsyr+WEN3NC76bGJoarut6ZJcnImlMPTj2vdLXVHFRrEAIFFCJvnif5PBrpBTJBpNlUeM1+ypmFZSxxAIde5Uiw+FM+Qzznsevew6XjqdX93r/aCWwEKOsooC1nmWKt6bFaa9uZWckD+j9Uu4x0cFHjOJkjqMC0xrtg63pmUmvkYtmvdqDH/aJ1e+KnBoiqVhaX1o5wy1nJQuS9lwMe4BzxsuKzTjQaBZC/MeWpJ4hVFAQ=="
}
