/**
 * Words that a cleaned descriptor may have: what a scan is of and how it was made, in English, German
 * and French as protocols abbreviate them. A list of what may stay finds no new name, but lets none
 * through either.
 */
export const DESCRIPTOR_WORDS: ReadonlySet<string> = new Set(
  `
  a and at for in of on over per post pre the to with without w wo ohne mit avec sans nach vor
  ax axial axiale ax3d tra trans transverse transversal cor coronal koronar sag sagittal obl oblique para
  left right links rechts li re l r lt rt bilateral both lateral medial ap pa lat anterior posterior superior inferior
  proximal distal supine prone upright decubitus standing erect flexion extension internal external rotation neutral
  t1 t2 t1w t2w pd pdw flair dark fluid stir tirm tse fse se gre ge fl fl2d fl3d tfl mprage mp2rage spgr fspgr bravo
  cube space vista ciss fiesta trufi ssfp bssfp haste ssfse epi dwi adc dti trace b0 b50 b100 b400 b500 b800 b1000
  b1400 b1500 b2000 swi swan t2star t2* t1rho mra mrv tof pc pca asl dsc dce perfusion diffusion tensor spectroscopy
  mrs csi svs fmri bold localizer localiser loc scout survey topogram scoutview calibration calib asset shim
  fs fatsat fat sat water ideal dixon vibe lava thrive opp in-phase out-of-phase inphase outphase phase mag magnitude
  real imaginary cine tagging delayed enhancement late gad gd gadolinium contrast cm km kontrast iv oral native nativ
  nonenhanced enhanced unenhanced arterial venous portal equilibrium hepatobiliary dynamic dyn subtraction sub
  2d 3d 4d iso isotropic thin thick slab slice slices mip minip mpr mpvr recon reconstruction reformat vr vrt volume
  rendering curved average map maps rcbf rcbv mtt tmax ttp cbf cbv fa md rd series study exam protocol routine standard
  low dose high resolution hr hrct sharp smooth soft bone lung mediastinum kernel window filter iterative asir safire
  ct cta ctv mr mri mrt pet spect nm us xr cr dx dr rf xa mg mammo mammography tomosynthesis tomo cbct dsa fluoro
  ultrasound sonography doppler radiograph xray x-ray view views screening diagnostic follow up followup baseline
  head kopf tete brain cerebrum hirn cerveau skull schaedel orbit orbits sinus sinuses pituitary sella iac temporal ear
  neck hals cou carotid carotids thyroid larynx pharynx face facial jaw mandible tmj dental teeth
  spine wirbelsaeule rachis cervical hws cspine c-spine thoracic bws tspine t-spine lumbar lws lspine l-spine
  lumbosacral sacrum sacral coccyx lendenwirbelsaeule cord myelo chest thorax lungs heart herz cardiac coeur coronary
  coronaries aorta pulmonary breast brust sein rib ribs sternum clavicle scapula abdomen abdominal abd liver leber
  foie kidney kidneys niere renal spleen pancreas bowel colon colonography enterography stomach oesophagus esophagus
  mrcp bile adrenal pelvis becken bassin bladder prostate uterus ovary ovaries rectum hip huefte hanche groin
  shoulder schulter epaule arm humerus elbow ellenbogen forearm radius ulna wrist handgelenk hand finger fingers thumb
  thigh femur knee knie genou patella leg tibia fibula calf ankle sprunggelenk foot fuss pied toe toes heel calcaneus
  acl pcl meniscus cartilage tendon joint extremity extremities upper lower whole body limb long
  trauma stroke tumor tumour mass lesion metastasis metastases staging infection fracture arthritis osteoarthritis
  stenosis aneurysm embolism infarct haemorrhage hemorrhage bleed ms epilepsy dementia seizure pain normal control
  siemens ge philips toshiba canon hitachi phantom test qa qc repeat breathhold breath hold bh free breathing trigger
  triggered gated gating navigator nav respiratory resp ecg ekg propeller blade radial spiral grappa sense parallel
  single multi shot echo echoes te tr ti fov matrix mm cm sec min kv kvp ma mas screen save report dose
`
    .trim()
    .split(/\s+/),
);
