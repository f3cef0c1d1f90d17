// Everything of Scrim in one include.
#pragma once

#include <scrim/activation.h>
#include <scrim/audit.h>
#include <scrim/client.h>
#include <scrim/dataops.h>
#include <scrim/dataops_objects.h>
#include <scrim/dataset.h>
#include <scrim/evaluate.h>
#include <scrim/key.h>
#include <scrim/learn.h>
#include <scrim/network.h>
#include <scrim/noise.h>
#include <scrim/release.h>
#include <scrim/repository.h>
#include <scrim/server.h>
#include <scrim/status.h>
