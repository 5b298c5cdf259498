#pragma once

// All there is to know about this room.
int room();
