#include "room.h"

int room() { return 1; }
