// A Vulkan layer that makes a driver's device without hardware usable as a compiler. Mesa's RADV opens such a device where RADV_FORCE_FAMILY names a
// GPU: it compiles pipelines with the driver's own compiler, but it can neither record nor submit. The layer answers every call that records, submits
// or waits with success, so that Dawn opens the device, and writes what the driver reports about each compute pipeline into the folder
// STRIATUM_COMPILED: N.json (one object of statistics) and the driver's texts N.nir.txt, N.aco.txt, N.asm.txt; N counts from 0 in order of creation.
// Nothing is computed: buffers keep their bytes. One instance with one device per process.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vulkan/vk_layer.h>
#include <vulkan/vulkan.h>

#define EXPORT __attribute__((visibility("default")))
#define MOST_EXTENSIONS 512

static PFN_vkGetInstanceProcAddr nextInstanceProc;
static PFN_vkGetDeviceProcAddr nextDeviceProc;

// ---- What the driver reports ----

/** Opens folder/N.suffix for writing; ends the process where that is impossible, as no result would be complete. */
static FILE *fileOf(unsigned n, const char *suffix) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%u.%s", getenv("STRIATUM_COMPILED"), n, suffix);
  FILE *file = fopen(path, "w");
  if (!file) {
    perror(path);
    exit(1);
  }
  return file;
}

static void writeStatistics(VkDevice device, const VkPipelineExecutableInfoKHR *executable, unsigned n, uint32_t subgroupSize) {
  PFN_vkGetPipelineExecutableStatisticsKHR get =
      (PFN_vkGetPipelineExecutableStatisticsKHR)nextDeviceProc(device, "vkGetPipelineExecutableStatisticsKHR");
  uint32_t count = 0;
  get(device, executable, &count, NULL);
  VkPipelineExecutableStatisticKHR *all = calloc(count, sizeof *all);
  for (uint32_t i = 0; i < count; i++) all[i].sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_STATISTIC_KHR;
  get(device, executable, &count, all);
  FILE *file = fileOf(n, "json");
  fprintf(file, "{\"Subgroup size\":%u", subgroupSize);
  for (uint32_t i = 0; i < count; i++) {
    fprintf(file, ",\"%s\":", all[i].name);
    switch (all[i].format) {
    case VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_UINT64_KHR: fprintf(file, "%llu", (unsigned long long)all[i].value.u64); break;
    case VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_INT64_KHR: fprintf(file, "%lld", (long long)all[i].value.i64); break;
    case VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_FLOAT64_KHR: fprintf(file, "%g", all[i].value.f64); break;
    default: fprintf(file, "%d", all[i].value.b32 ? 1 : 0);
    }
  }
  fprintf(file, "}\n");
  fclose(file);
  free(all);
}

static void writeTexts(VkDevice device, const VkPipelineExecutableInfoKHR *executable, unsigned n) {
  PFN_vkGetPipelineExecutableInternalRepresentationsKHR get =
      (PFN_vkGetPipelineExecutableInternalRepresentationsKHR)nextDeviceProc(device, "vkGetPipelineExecutableInternalRepresentationsKHR");
  uint32_t count = 0;
  get(device, executable, &count, NULL);
  VkPipelineExecutableInternalRepresentationKHR *all = calloc(count, sizeof *all);
  for (uint32_t i = 0; i < count; i++) all[i].sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INTERNAL_REPRESENTATION_KHR;
  get(device, executable, &count, all); // their sizes
  for (uint32_t i = 0; i < count; i++) all[i].pData = calloc(1, all[i].dataSize + 1);
  get(device, executable, &count, all); // their bytes
  for (uint32_t i = 0; i < count; i++) {
    if (all[i].isText) {
      FILE *file = fileOf(n, strstr(all[i].name, "NIR") ? "nir.txt" : strstr(all[i].name, "Assembly") ? "asm.txt" : "aco.txt");
      fputs(all[i].pData, file);
      fclose(file);
    }
    free(all[i].pData);
  }
  free(all);
}

static void writeReport(VkDevice device, VkPipeline pipeline) {
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static unsigned made;
  PFN_vkGetPipelineExecutablePropertiesKHR getProperties =
      (PFN_vkGetPipelineExecutablePropertiesKHR)nextDeviceProc(device, "vkGetPipelineExecutablePropertiesKHR");
  // A compute pipeline is one executable.
  VkPipelineInfoKHR whole = {VK_STRUCTURE_TYPE_PIPELINE_INFO_KHR, NULL, pipeline};
  VkPipelineExecutablePropertiesKHR properties = {.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_PROPERTIES_KHR};
  uint32_t executables = 1;
  getProperties(device, &whole, &executables, &properties);
  VkPipelineExecutableInfoKHR executable = {VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INFO_KHR, NULL, pipeline, 0};
  pthread_mutex_lock(&lock);
  unsigned n = made++;
  writeTexts(device, &executable, n);
  writeStatistics(device, &executable, n, properties.subgroupSize); // last: it says that the others are complete
  pthread_mutex_unlock(&lock);
}

/** Compiles with reports. STRIATUM_LANES=32 or 64 sets the lanes of a subgroup where a GPU has both; Dawn itself asks for the larger. */
static VkResult createComputePipelines(VkDevice device, VkPipelineCache cache, uint32_t count, const VkComputePipelineCreateInfo *infos,
                                       const VkAllocationCallbacks *allocator, VkPipeline *pipelines) {
  (void)cache; // a pipeline out of a cache has no texts
  const char *lanes = getenv("STRIATUM_LANES");
  VkPipelineShaderStageRequiredSubgroupSizeCreateInfo size = {VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO, NULL,
                                                              lanes ? (uint32_t)atoi(lanes) : 0};
  VkComputePipelineCreateInfo *copies = malloc(count * sizeof *copies);
  memcpy(copies, infos, count * sizeof *copies);
  for (uint32_t i = 0; i < count; i++) {
    copies[i].flags |= VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR | VK_PIPELINE_CREATE_CAPTURE_INTERNAL_REPRESENTATIONS_BIT_KHR;
    const VkBaseInStructure *chained = copies[i].stage.pNext;
    if (lanes && (!chained || (chained->sType == size.sType && !chained->pNext))) {
      copies[i].stage.pNext = &size;
      copies[i].stage.flags &= ~(VkPipelineShaderStageCreateFlags)VK_PIPELINE_SHADER_STAGE_CREATE_ALLOW_VARYING_SUBGROUP_SIZE_BIT;
    }
  }
  PFN_vkCreateComputePipelines create = (PFN_vkCreateComputePipelines)nextDeviceProc(device, "vkCreateComputePipelines");
  VkResult result = create(device, VK_NULL_HANDLE, count, copies, allocator, pipelines);
  if (result == VK_SUCCESS)
    for (uint32_t i = 0; i < count; i++) writeReport(device, pipelines[i]);
  free(copies);
  return result;
}

// ---- What the device cannot do ----

static void ignore(void) {}
static VkResult succeed(void) { return VK_SUCCESS; }

/** A timeline semaphore is always at its end. */
static VkResult getCounter(VkDevice device, VkSemaphore semaphore, uint64_t *value) {
  (void)device, (void)semaphore;
  *value = UINT64_MAX;
  return VK_SUCCESS;
}

/** All queries are zero. */
static VkResult getQueries(VkDevice device, VkQueryPool pool, uint32_t first, uint32_t count, size_t bytes, void *data, VkDeviceSize stride,
                           VkQueryResultFlags flags) {
  (void)device, (void)pool, (void)first, (void)count, (void)stride, (void)flags;
  memset(data, 0, bytes);
  return VK_SUCCESS;
}

/** The layer's own answer to a call of a device; NULL where the driver answers. Callers ignore what `ignore` and `succeed` do not take. */
static PFN_vkVoidFunction ownDeviceProc(const char *name) {
  static const char *const successes[] = {
      "vkBeginCommandBuffer", "vkEndCommandBuffer", "vkResetCommandBuffer", "vkResetCommandPool", "vkQueueSubmit",
      "vkQueueSubmit2",       "vkQueueSubmit2KHR",  "vkQueueWaitIdle",      "vkDeviceWaitIdle",   "vkWaitForFences",
      "vkGetFenceStatus",     "vkResetFences",      "vkWaitSemaphores",     "vkWaitSemaphoresKHR"};
  if (!strncmp(name, "vkCmd", 5)) return ignore;
  for (size_t i = 0; i < sizeof successes / sizeof *successes; i++)
    if (!strcmp(name, successes[i])) return (PFN_vkVoidFunction)succeed;
  if (!strcmp(name, "vkGetSemaphoreCounterValue") || !strcmp(name, "vkGetSemaphoreCounterValueKHR")) return (PFN_vkVoidFunction)getCounter;
  if (!strcmp(name, "vkGetQueryPoolResults")) return (PFN_vkVoidFunction)getQueries;
  if (!strcmp(name, "vkCreateComputePipelines")) return (PFN_vkVoidFunction)createComputePipelines;
  return NULL;
}

// ---- The layer's place in the loader's chain ----

/** The link of a chain of layers that an instance or a device is created with. Both kinds of link begin alike. */
static VkLayerInstanceCreateInfo *linkOf(const void *chain, VkStructureType type) {
  VkLayerInstanceCreateInfo *link = (VkLayerInstanceCreateInfo *)chain;
  while (link && !(link->sType == type && link->function == VK_LAYER_LINK_INFO)) link = (VkLayerInstanceCreateInfo *)link->pNext;
  return link;
}

static VkResult createInstance(const VkInstanceCreateInfo *info, const VkAllocationCallbacks *allocator, VkInstance *instance) {
  VkLayerInstanceCreateInfo *link = linkOf(info->pNext, VK_STRUCTURE_TYPE_LOADER_INSTANCE_CREATE_INFO);
  if (!link) return VK_ERROR_INITIALIZATION_FAILED;
  nextInstanceProc = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
  link->u.pLayerInfo = link->u.pLayerInfo->pNext;
  return ((PFN_vkCreateInstance)nextInstanceProc(NULL, "vkCreateInstance"))(info, allocator, instance);
}

/** Creates the device with the driver's reports of pipelines added to what was asked for. */
static VkResult createDevice(VkPhysicalDevice physical, const VkDeviceCreateInfo *info, const VkAllocationCallbacks *allocator, VkDevice *device) {
  VkLayerDeviceCreateInfo *link = (VkLayerDeviceCreateInfo *)linkOf(info->pNext, VK_STRUCTURE_TYPE_LOADER_DEVICE_CREATE_INFO);
  if (!link || info->enabledExtensionCount >= MOST_EXTENSIONS) return VK_ERROR_INITIALIZATION_FAILED;
  nextDeviceProc = link->u.pLayerInfo->pfnNextGetDeviceProcAddr;
  PFN_vkCreateDevice create = (PFN_vkCreateDevice)link->u.pLayerInfo->pfnNextGetInstanceProcAddr(NULL, "vkCreateDevice");
  link->u.pLayerInfo = link->u.pLayerInfo->pNext;
  const char *extensions[MOST_EXTENSIONS];
  memcpy(extensions, info->ppEnabledExtensionNames, info->enabledExtensionCount * sizeof *extensions);
  extensions[info->enabledExtensionCount] = "VK_KHR_pipeline_executable_properties";
  VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR reports = {
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PIPELINE_EXECUTABLE_PROPERTIES_FEATURES_KHR, (void *)info->pNext, VK_TRUE};
  VkDeviceCreateInfo extended = *info;
  extended.pNext = &reports;
  extended.enabledExtensionCount = info->enabledExtensionCount + 1;
  extended.ppEnabledExtensionNames = extensions;
  return create(physical, &extended, allocator, device);
}

static PFN_vkVoidFunction deviceProc(VkDevice device, const char *name) {
  PFN_vkVoidFunction own = ownDeviceProc(name);
  return own ? own : nextDeviceProc(device, name);
}

static PFN_vkVoidFunction instanceProc(VkInstance instance, const char *name) {
  if (!strcmp(name, "vkGetInstanceProcAddr")) return (PFN_vkVoidFunction)instanceProc;
  if (!strcmp(name, "vkGetDeviceProcAddr")) return (PFN_vkVoidFunction)deviceProc;
  if (!strcmp(name, "vkCreateInstance")) return (PFN_vkVoidFunction)createInstance;
  if (!strcmp(name, "vkCreateDevice")) return (PFN_vkVoidFunction)createDevice;
  PFN_vkVoidFunction own = ownDeviceProc(name);
  return own ? own : nextInstanceProc ? nextInstanceProc(instance, name) : NULL;
}

EXPORT VkResult vkNegotiateLoaderLayerInterfaceVersion(VkNegotiateLayerInterface *version) {
  if (version->loaderLayerInterfaceVersion > 2) version->loaderLayerInterfaceVersion = 2;
  version->pfnGetInstanceProcAddr = instanceProc;
  version->pfnGetDeviceProcAddr = deviceProc;
  version->pfnGetPhysicalDeviceProcAddr = NULL;
  return VK_SUCCESS;
}
