#include "commands.h"

#include "toolkit.h"

namespace scrim::cli {
namespace {

constexpr Command kCommands[] = {
    {"create volume", "an empty volume", "NAME --size SIZE [FLAGS]",
     "scrim-dataops create volume inference-data --size 50Gi", declare_create_volume},
    {"clone volume", "a volume that begins as a copy of another or of a snapshot",
     "NAME --from NAME [FLAGS]", "scrim-dataops clone volume experiment-2 --from baseline",
     declare_clone_volume},
    {"resize volume", "change what a volume may hold", "NAME --size SIZE [FLAGS]",
     "scrim-dataops resize volume inference-data --size 100Gi", declare_resize_volume},
    {"delete volume", "delete a volume and its files", "NAME [FLAGS]",
     "scrim-dataops delete volume experiment-2 --yes", declare_delete_volume},
    {"list volumes", "what volumes there are", "[FLAGS]", "scrim-dataops list volumes",
     declare_list_volumes},
    {"show volume", "a volume, how full it is, and what came from it", "NAME [FLAGS]",
     "scrim-dataops show volume inference-data", declare_show_volume},
    {"create snapshot", "keep the files of a volume as they are now", "[NAME] --of VOLUME [FLAGS]",
     "scrim-dataops create snapshot baseline --of inference-data", declare_create_snapshot},
    {"restore snapshot", "put the files of a snapshot back in its volume", "NAME [FLAGS]",
     "scrim-dataops restore snapshot baseline --yes", declare_restore_snapshot},
    {"delete snapshot", "delete a snapshot", "NAME [FLAGS]",
     "scrim-dataops delete snapshot baseline --yes", declare_delete_snapshot},
    {"delete snapshots", "delete the snapshots that are old, or many", "[FLAGS]",
     "scrim-dataops delete snapshots --of inference-data --keep 7 --older-than 30d",
     declare_delete_snapshots},
    {"list snapshots", "what snapshots there are", "[--of VOLUME] [FLAGS]",
     "scrim-dataops list snapshots --of inference-data", declare_list_snapshots},
    {"show snapshot", "a snapshot, how much it holds, and what came from it", "NAME [FLAGS]",
     "scrim-dataops show snapshot baseline", declare_show_snapshot},
    {"create server", "an inference server over a volume of models",
     "NAME --model-repository VOLUME [FLAGS]",
     "scrim-dataops create server netapp-inference --model-repository triton-model-repo",
     declare_create_server},
    {"start server", "start a server that is stopped", "NAME [FLAGS]",
     "scrim-dataops start server netapp-inference", declare_start_server},
    {"stop server", "stop a server; it keeps its port", "NAME [FLAGS]",
     "scrim-dataops stop server netapp-inference", declare_stop_server},
    {"delete server", "stop and delete a server; its models stay", "NAME [FLAGS]",
     "scrim-dataops delete server netapp-inference --yes", declare_delete_server},
    {"list servers", "what servers there are, and whether they are ready", "[FLAGS]",
     "scrim-dataops list servers", declare_list_servers},
    {"show server", "a server, where it listens and where its log is", "NAME [FLAGS]",
     "scrim-dataops show server netapp-inference", declare_show_server},
    {"run sweep", "a release, or a program of yours, over a volume at each of many alphas",
     "--volume VOLUME --release FOLDER [FLAGS]",
     "scrim-dataops run sweep --volume inference-data --release faces.scrim --alphas report",
     declare_run_sweep},
    {"list runs", "what runs there are", "[FLAGS]", "scrim-dataops list runs", declare_list_runs},
    {"delete run", "delete the results of a run, and its snapshot", "NAME [FLAGS]",
     "scrim-dataops delete run sweep --yes", declare_delete_run},
    {"create transfer", "copy files between a volume and a bucket of S3, now or on a schedule",
     "NAME --from PLACE --to PLACE [FLAGS]",
     "scrim-dataops create transfer pull --from s3://pictures/fddb --to inference-data",
     declare_create_transfer},
    {"run transfer", "run a transfer again: what is there already is not copied", "NAME [FLAGS]",
     "scrim-dataops run transfer pull", declare_run_transfer},
    {"delete transfer", "forget a transfer and its schedule; what was copied stays", "NAME [FLAGS]",
     "scrim-dataops delete transfer pull --yes", declare_delete_transfer},
    {"list transfers", "what transfers there are, and how they ended", "[FLAGS]",
     "scrim-dataops list transfers", declare_list_transfers},
    {"show transfer", "a transfer, what it moved and where its log is", "NAME [FLAGS]",
     "scrim-dataops show transfer pull", declare_show_transfer},
    {"create namespace", "a place for volumes of their own names", "NAME [FLAGS]",
     "scrim-dataops create namespace inference", declare_create_namespace},
    {"delete namespace", "delete an empty namespace", "NAME [FLAGS]",
     "scrim-dataops delete namespace inference --yes", declare_delete_namespace},
    {"list namespaces", "what namespaces there are", "[FLAGS]", "scrim-dataops list namespaces",
     declare_list_namespaces},
    {"show role", "the rights on a cluster that commands need, and no others", "[FLAGS]",
     "scrim-dataops show role --for \"restore snapshot\" --namespace inference", declare_show_role},
};

constexpr Program kProgram = {
    "scrim-dataops",
    "volumes of data, their snapshots and clones, inference servers over them and\n"
    "transfers to S3, on this machine or on Kubernetes: where a kubeconfig leads, unless\n"
    "--root names a folder.\n",
    "Start with 'scrim-dataops create volume data --size 1Gi'.", kCommands, from_toolkit};

}  // namespace

const Program& program() { return kProgram; }

}  // namespace scrim::cli
